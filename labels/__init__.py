"""What is printed on a battery: the address in the QR code, and the label around it.

This package gets strings and gives bytes. It knows no register, no database and no network; the only files it reads
are two fonts, of which it keeps what labels need in a temporary folder.

    link        the address the symbol holds
    qr codewords datamatrix modules   the modules of a symbol
    text        the words of a label, checked before they are drawn
    template    the sizes of a label, as rows of data
    collection  the symbol for separate collection, as large as the law asks
    arrange below beside lines frame layout   where everything stands, in millimetres
    svg png pdf zpl   one drawing in four formats
    label       one label, ready to print
    sheet       many labels on office paper or on a roll
"""
