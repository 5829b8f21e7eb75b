"""One file per question kind; `handlers.forms.walk` and `xlsform` come in."""
