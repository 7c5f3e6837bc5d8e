"""What is printed on a battery: the address in the QR code, and the label around it.

This package gets strings and gives bytes. It knows no register, no database and no network; the only files it reads
are two fonts.

    link      the address the QR code holds
    qr        the modules of a QR code
    text      the words of a label, checked before they are drawn
    template  the sizes of a label, as rows of data
    layout    where everything stands, in millimetres
    svg png pdf zpl   one drawing in four formats
    label     one label, ready to print
    sheet     many labels on office paper
"""
