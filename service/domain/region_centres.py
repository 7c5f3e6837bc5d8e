"""Where the administrative divisions of `districts` are, roughly: a centre in degrees, and how far they reach in km.

For districts and counties of Chongqing the seat, for provinces the capital, rounded to a tenth of a degree: enough to
tell that two places are far apart, too little to tell where anybody is. Our own reading of maps.
"""

from __future__ import annotations

from typing import NamedTuple

DISTRICT_KM, CITY_KM, PROVINCE_KM = 60.0, 250.0, 700.0


class Centre(NamedTuple):
    latitude: float
    longitude: float


DISTRICTS: dict[str, Centre] = {
    "500101": Centre(30.8, 108.4), "500102": Centre(29.7, 107.4), "500103": Centre(29.6, 106.6),
    "500104": Centre(29.5, 106.5), "500105": Centre(29.6, 106.6), "500106": Centre(29.5, 106.5),
    "500107": Centre(29.5, 106.5), "500108": Centre(29.5, 106.6), "500109": Centre(29.8, 106.4),
    "500110": Centre(29.0, 106.7), "500111": Centre(29.7, 105.7), "500112": Centre(29.7, 106.6),
    "500113": Centre(29.4, 106.5), "500114": Centre(29.5, 108.8), "500115": Centre(29.9, 107.1),
    "500116": Centre(29.3, 106.3), "500117": Centre(30.0, 106.3), "500118": Centre(29.4, 105.9),
    "500119": Centre(29.2, 107.1), "500120": Centre(29.6, 106.2), "500151": Centre(29.8, 106.1),
    "500152": Centre(30.2, 105.8), "500153": Centre(29.4, 105.6), "500154": Centre(31.2, 108.4),
    "500155": Centre(30.7, 107.8), "500156": Centre(29.3, 107.8), "500229": Centre(32.0, 108.7),
    "500230": Centre(29.9, 107.7), "500231": Centre(30.3, 107.3), "500233": Centre(30.3, 108.0),
    "500235": Centre(30.9, 108.7), "500236": Centre(31.0, 109.5), "500237": Centre(31.1, 109.9),
    "500238": Centre(31.4, 109.6), "500240": Centre(30.0, 108.1), "500241": Centre(28.5, 109.0),
    "500242": Centre(28.8, 108.8), "500243": Centre(29.3, 108.2),
}  # fmt: skip
CHONGQING = Centre(29.9, 107.5)
PROVINCES: dict[str, Centre] = {
    "11": Centre(39.9, 116.4), "12": Centre(39.1, 117.2), "13": Centre(38.0, 114.5), "14": Centre(37.9, 112.6),
    "15": Centre(40.8, 111.8), "21": Centre(41.8, 123.4), "22": Centre(43.8, 125.3), "23": Centre(45.8, 126.5),
    "31": Centre(31.2, 121.5), "32": Centre(32.1, 118.8), "33": Centre(30.3, 120.2), "34": Centre(31.8, 117.2),
    "35": Centre(26.1, 119.3), "36": Centre(28.7, 115.9), "37": Centre(36.7, 117.1), "41": Centre(34.8, 113.6),
    "42": Centre(30.6, 114.3), "43": Centre(28.2, 112.9), "44": Centre(23.1, 113.3), "45": Centre(22.8, 108.3),
    "46": Centre(20.0, 110.3), "51": Centre(30.6, 104.1), "52": Centre(26.7, 106.6), "53": Centre(24.9, 102.8),
    "54": Centre(29.7, 91.1), "61": Centre(34.3, 108.9), "62": Centre(36.1, 103.8), "63": Centre(36.6, 101.8),
    "64": Centre(38.5, 106.2), "65": Centre(43.8, 87.6), "71": Centre(25.0, 121.6), "81": Centre(22.3, 114.2),
    "82": Centre(22.2, 113.5),
}  # fmt: skip
