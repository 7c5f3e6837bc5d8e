"""The content of a passport that lacks nothing, by number; what a test needs it takes away or changes."""

from typing import Any

URL = "https://docs.example.cn/T-1"
CONTENT: dict[str, dict[str, Any]] = {
    "4": {"street": "电池路1号", "city": "重庆", "country": "CN", "postal_code": "401120", "contact": "质量部"},
    "5": {"web": "https://cells.example.cn", "email": "info@cells.example.cn"},
    "8": {"place": "重庆两江新区", "country": "CN", "facility_id": "9521234000013"},
    "12": {"short_name": "li_ion_nmc", "clear_name": "LiNi0.6Mn0.2Co0.2O2"},
    "13": {"substances": [{"name": "LiPF6", "hazard_class": "acute_toxicity", "cas": "21324-40-3"}]},
    "14": {"agent": "water", "fire_class": "A"},
    "15": {"materials": [{"name": "cobalt", "cas": "7440-48-4"}, {"name": "lithium", "cas": "7439-93-2"}]},
    "20": {"pre_consumer_ppm": 10_000, "post_consumer_ppm": 60_000},
    "21": {"pre_consumer_ppm": 50_000, "post_consumer_ppm": 40_000},
    "22": {"pre_consumer_ppm": 0, "post_consumer_ppm": 50_000},
    "23": {"share_ppm": 0},
    "24": {"share_ppm": 32_000},
    "26": {"voltage_mv": 300_000, "from_mc": -30_000, "to_mc": 60_000},
    "27": {"voltage_mv": 352_000},
    "28": {"voltage_mv": 403_200},
    "29": {"power_at_80_w": 150_000, "power_at_20_w": 120_000},
    "30": {"maximum_w": 180_000, "charging_w": 120_000, "discharging_w": 180_000},
    "31": {"cycles": 2_000},
    "32": {"test": "IEC 62660-1:2018"},
    "33": {"share_ppm": 700_000},
    "34": {"from_mc": -40_000, "to_mc": 65_000, "test": "IEC 62660-2"},
    "35": {"months": 96},
    "36": {"efficiency_ppm": 950_000},
    "37": {"efficiency_ppm": 940_000},
    "38": {"cell_uohm": 900, "pack_uohm": 95_000},
    "39": {"rate_permille": 333},
    "40": {"symbol": f"{URL}/bin.svg"},
    "41": {"cadmium": False, "lead": False},
    "42": {"declaration": f"{URL}/doc.pdf", "reference": "DoC-2026-001"},
    "43": {
        "prevention": f"{URL}/prevention",
        "separate_collection": f"{URL}/collection",
        "treatment": f"{URL}/treatment",
    },
    "45": {"cathode": "NMC622-MARK-PT2", "anode": "graphite", "electrolyte": "LiPF6 in EC/DMC"},
    "46": {"parts": [{"name": "module", "number": "M-MARK-PT2"}]},
    "47": {"suppliers": [{"name": "备件公司", "address": "重庆"}]},
    "48": {"documents": [{"kind": "dismantling_manual", "url": f"{URL}/dismantling.pdf"}], "cells": 96},
    "49": {"instructions": f"{URL}/safety-mark-pt2.pdf"},
    "50": {"reports": [{"title": "UN 38.3 MARK-PT3", "url": f"{URL}/un383.pdf"}]},
    "60": {"years": 10},
    "61": {"soce_ppm": 1_000_000},
}


def content(*, without: tuple[int, ...] = (), **changes: dict[str, Any]) -> dict[str, Any]:
    """CONTENT without some numbers and with others changed: `content(without=(33,), **{"26": {...}})`."""
    return {nr: value for nr, value in {**CONTENT, **changes}.items() if int(nr) not in without}
