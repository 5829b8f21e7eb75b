"""How the statistics of a release are worked out, in words: for whoever shows them, without the libraries for it."""

from collections.abc import Mapping

from handlers.talk import Text, t

METHODS: Mapping[str, Text] = {
    "alpha": t("Cronbach's alpha with Feldt's interval of 95%"),
    "pearson": t("Pearson correlation of the dimensions' means"),
    "kmo_bartlett": t("Kaiser-Meyer-Olkin measure and Bartlett's test of sphericity"),
    "chi2": t("Pearson's chi-square test with Cramér's V"),
    "fisher": t("Fisher's exact test"),
    "none": t("No test: too few for one"),
    "listwise": t("Only people who answered all of these items are counted"),
    "both": t("Only people who answered both questions are counted"),
}
"""The words for each `method` and `missing`."""
