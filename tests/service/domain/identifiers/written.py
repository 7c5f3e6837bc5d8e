"""Names as Hypothesis writes them: each strategy gives values that the parser of its scheme takes."""

from hypothesis import strategies as st

from service.domain.gs1 import SERIAL_CHARACTERS, gtin_check_digit
from service.domain.identifiers.digital_link import DigitalLink

GTIN = "09521234000013"
GLN = "9521234000013"

characters = st.sampled_from(sorted(SERIAL_CHARACTERS - {"/"}))
serials = st.text(characters, min_size=1, max_size=20)
gtins = st.text("0123456789", min_size=13, max_size=13).map(lambda body: body + gtin_check_digit(body))
glns = st.text("0123456789", min_size=12, max_size=12).map(lambda body: body + gtin_check_digit(body))
giais = st.tuples(st.text("0123456789", min_size=4, max_size=4), st.text(characters, min_size=1, max_size=26)).map(
    "".join
)
links = st.one_of(
    st.builds(lambda gtin, serial: DigitalLink("01", gtin, (("21", serial),)), gtins, serials),
    st.builds(lambda gtin, lot: DigitalLink("01", gtin, (("10", lot),)), gtins, serials),
    st.builds(lambda gtin: DigitalLink("01", gtin), gtins),
    st.builds(lambda giai: DigitalLink("8004", giai), giais),
    st.builds(lambda gln: DigitalLink("414", gln), glns),
    st.builds(lambda gln, inner: DigitalLink("414", gln, (("254", inner),)), glns, serials),
    st.builds(lambda gln: DigitalLink("417", gln), glns),
)
anything = st.text(max_size=60) | st.text("/01248%2F3aAbB[]()\x1d\x00é .:?#", max_size=60)
