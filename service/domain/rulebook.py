"""Which rules hold for which kind of event, in the order they are tried. Rules for all are in `lifecycle`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from service.domain import corrections, sites, standings
from service.domain import rules_counters as counters
from service.domain import rules_end as end
from service.domain import rules_handover as custody
from service.domain import rules_labels as labels
from service.domain import rules_licences as licences
from service.domain import rules_listing as listing
from service.domain import rules_market as market
from service.domain import rules_names as names
from service.domain import rules_notice as notice
from service.domain import rules_second_life as second
from service.domain import rules_use as use
from service.domain.case import Case
from service.domain.duties import rules as duties
from service.domain.materials import rules as batch

Check = Callable[[Case[Any]], None]

_SECOND_LIFE: tuple[Check, ...] = (
    end.all_stand_alone,
    second.output_has_its_own_code,
    second.inputs_suit_the_operation,
    second.application_is_allowed,
    second.output_holds_no_more_energy,
    second.output_holds_no_more_capacity,
)

RULEBOOK: dict[str, tuple[Check, ...]] = {
    "publish_model": (use.model_is_new, use.composition_fits_mass),
    "register": (use.code_fits_model, names.link_names_itself),
    "register_pack": (
        use.code_fits_model,
        names.link_names_itself,
        listing.something_is_listed,
        listing.listed_codes_fit,
        listing.nothing_is_listed_twice,
        listing.listed_models_fit,
        listing.listed_parts_weigh_no_more,
        listing.listed_parts_are_new,
    ),
    "assemble": (use.parent_is_own, use.something_is_linked, use.children_fit, use.children_weigh_no_more),
    "place_on_market": (
        use.first_is_no_part,
        market.placed_by_its_maker,
        market.placed_once_in_each_market,
        market.placing_has_a_possible_date,
        use.last_is_safe,
    ),
    "void": (use.first_is_no_part, market.void_is_for_its_maker),
    "approve_void": (market.void_was_asked_for,),
    "install": (
        use.vehicle_is_given,
        use.first_stands_alone,
        use.last_is_safe,
        use.vehicle_has_room,
        use.certificate_has_a_possible_date,
        counters.odometer_runs_on,
    ),
    "sell": (use.last_is_safe, use.sale_has_a_possible_date),
    "transfer_ownership": (use.first_is_no_part,),
    "report_soh": (counters.counters_never_decrease, counters.health_rises_only_after_repair),
    "report_incident": (use.incident_has_a_possible_date,),
    "begin_service": (use.first_is_no_part,),
    "repair": (use.first_is_no_part, use.replacement_is_complete, use.replaced_parts_fit),
    "replace_pack": (
        use.vehicle_is_given,
        use.new_takes_the_place_of_old,
        use.last_is_safe,
        use.vehicle_has_room,
        counters.odometer_runs_on,
    ),
    "swap": (
        use.vehicle_is_given,
        use.packs_change_places,
        use.last_is_safe,
        use.vehicle_has_room,
        counters.health_rises_only_after_repair,
    ),
    "issue_notice": (notice.notice_is_the_actors, notice.notice_is_new),
    "lift_notice": (notice.notice_is_open,),
    "export": (end.none_is_a_part, market.country_is_abroad, market.none_is_stolen),
    "import_back": (market.country_is_abroad,),
    "retire": (
        use.first_is_no_part,
        use.vehicle_agrees,
        custody.to_operator_is_known,
        counters.health_at_the_end_rises_only_after_repair,
    ),
    "scrap_vehicle": (use.vehicle_is_given, custody.pack_found_is_the_subject, end.none_is_a_part),
    "hand_over": (custody.given_to_another, custody.given_by_its_holder),
    "receive": (custody.taken_from_another, custody.taken_stand_alone, custody.agrees_with_the_giver),
    "collect": (use.first_stands_alone, custody.agrees_with_the_giver),
    "report_found": (market.finding_has_a_possible_date,),
    "test": (use.first_stands_alone,),
    "dismantle": (
        use.first_stands_alone,
        end.parts_fit_in_one_event,
        end.parts_are_all_accounted_for,
        end.unlisted_parts_are_accounted_for,
        end.fractions_weigh_the_battery,
    ),
    "prepare_reuse": (*_SECOND_LIFE, second.purpose_stays_the_same),
    "repurpose": (second.operation_is_of_this_kind, *_SECOND_LIFE),
    "remanufacture": (
        *_SECOND_LIFE,
        second.purpose_stays_the_same,
        second.remanufacturing_restores_capacity,
        second.cells_are_alike,
    ),
    "recycle": (
        end.all_stand_alone,
        batch.batch_takes_one_kind_of_input,
        batch.lots_can_be_taken,
        batch.lots_are_new,
        batch.contents_can_be,
        batch.reagents_are_where_they_can_be,
        batch.batch_is_balanced,
        batch.no_element_is_created,
    ),
    "print_label": (labels.labels_are_ones_to_make, labels.reprint_has_a_reason),
    "void_label": (labels.labels_are_ones_to_void,),
    "set_deadline": (duties.deadline_is_open,),
    "set_licence_day": (licences.licence_day_can_be_set,),
    "enrol_operator": (sites.sites_have_one_place, names.credit_code_is_free),
    "set_standing": (standings.standing_can_be_set,),
    "correct": (
        corrections.correction_is_the_actors,
        corrections.correction_names_the_same,
        corrections.values_can_be_corrected,
        corrections.corrected_values_are_possible,
        corrections.event_can_be_undone,
        corrections.undone_leaves_room,
    ),
}
"""The rules by kind; a kind without a row here has no rules of its own."""

LATER: tuple[Check, ...] = (
    counters.odometer_runs_on,
    counters.health_at_the_end_rises_only_after_repair,
    corrections.undone_leaves_room,
    end.unlisted_parts_are_accounted_for,
)
"""Rules that came after entries had been taken without them: they do not judge what is an entry already."""

_NOTHING = frozenset[str]()
READ_OF_STATES: dict[str, frozenset[str]] = {
    "report_soh": frozenset({"soce_ppm", "full_cycles", "throughput_wh", "odometer_km"}),
    "install": frozenset({"odometer_km"}),
    "replace_pack": frozenset({"vehicle", "odometer_km"}),
    "retire": frozenset({"vehicle", "soce_ppm"}),
    "swap": frozenset({"vehicle", "soce_ppm"}),
    "assemble": _NOTHING,
    "begin_service": _NOTHING,
    "collect": _NOTHING,
    "erase_values": _NOTHING,
    "hand_over": _NOTHING,
    "issue_notice": _NOTHING,
    "lift_notice": _NOTHING,
    "receive": _NOTHING,
    "register": _NOTHING,
    "register_pack": _NOTHING,
    "repair": _NOTHING,
    "report_incident": _NOTHING,
    "sell": _NOTHING,
    "test": _NOTHING,
    "transfer_ownership": _NOTHING,
}
"""By kind, the fields of `states.COMMITTED` of its batteries that rules and effects read. Without a row: all."""
