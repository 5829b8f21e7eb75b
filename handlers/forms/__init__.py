"""The questionnaire engine: pure, stepwise, shared by the rooms above it."""
