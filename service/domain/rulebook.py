"""Which rules hold for which kind of event, in the order they are tried. Rules for all are in `lifecycle`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from service.domain import rules_end as end
from service.domain import rules_use as use
from service.domain.case import Case

Check = Callable[[Case[Any]], None]

RULEBOOK: dict[str, tuple[Check, ...]] = {
    "publish_model": (use.model_is_new, use.composition_fits_mass),
    "register": (use.code_fits_model,),
    "assemble": (use.parent_is_own, use.children_fit, use.children_weigh_no_more),
    "install": (use.vehicle_is_given, use.first_stands_alone, use.last_is_safe),
    "sell": (use.last_is_safe, use.sale_has_a_possible_date),
    "report_soh": (use.cycles_never_decrease, use.soce_rises_only_after_repair),
    "repair": (use.first_is_no_part, use.replacement_is_complete, use.replaced_parts_fit),
    "swap": (use.vehicle_is_given, use.packs_change_places, use.last_is_safe),
    "retire": (use.first_is_no_part, use.vehicle_agrees),
    "collect": (use.first_stands_alone, end.handed_over_by_an_operator),
    "test": (use.first_stands_alone,),
    "dismantle": (use.first_stands_alone, end.parts_are_all_accounted_for, end.fractions_weigh_the_battery),
    "repurpose": (
        end.all_stand_alone,
        end.output_has_its_own_code,
        end.inputs_suit_the_operation,
        end.application_is_allowed,
        end.remanufacturing_restores_capacity,
        end.output_holds_no_more_energy,
    ),
    "recycle": (end.all_stand_alone, end.batch_is_balanced, end.no_element_is_created),
    "enrol_operator": (),
    "erase_values": (),
    "open_log": (),
    "register_key": (),
    "revoke_key": (),
    "rotate_key": (),
    "dispute_key": (),
    "announce_log_keys": (),
    "new_epoch": (),
    "commit_map": (),
}
