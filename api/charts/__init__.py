"""Charts drawn on the server: data in, SVG text out. Our own, because what we need is a few rectangles and lines.

Horizontal places are per cent of the width and vertical ones pixels: a chart fills its column on a phone, on a desk
and on paper, and its letters stay as large as those around it. All words come from the caller, in its language; what
a chart shows stands in a table beside it, so the picture itself is one image with a title and a description. Colours
are classes of `static/figures/figures.css`; each tone has a pattern of its own too. A value that is not known is None
and draws nothing but its words: it is never 0.
"""
