"""Addresses of Marketing Activities."""

from django.urls import URLPattern, path

from campaigns.views import (
    actions,
    activation,
    archived,
    binned,
    brake,
    choices,
    control,
    draft_state,
    entering,
    flow,
    history,
    lines,
    lists,
    live,
    members,
    message,
    moving,
    nodes,
    person,
    person_limit,
    places,
    rehearsal,
    results,
    retry,
    schedule,
    slots,
    smart_list,
    system_lists,
    tree,
    values,
)

app_name = "campaigns"

tree_urls: list[URLPattern] = [
    path("marketing-activities/", tree.page, name="tree"),
    path("marketing-activities/tree/", tree.again, name="tree-again"),
    path("marketing-activities/find/", tree.find, name="tree-find"),
    path("marketing-activities/archived/", archived.page, name="archived"),
    path("marketing-activities/recycle-bin/", binned.page, name="bin"),
    path("marketing-activities/new/<str:kind>/", nodes.new, name="new-node"),
    path("marketing-activities/<int:node_id>/", tree.node, name="node"),
    path("marketing-activities/<int:node_id>/below/", tree.below, name="tree-below"),
    path("marketing-activities/<int:node_id>/rename/", nodes.rename, name="rename-node"),
    path("marketing-activities/<int:node_id>/rename/line/", lines.rename, name="rename-line"),
    path("marketing-activities/<int:node_id>/menu/", lines.menu, name="node-menu"),
    path("marketing-activities/<int:node_id>/move/", places.move, name="move-node"),
    path("marketing-activities/<int:node_id>/drop/", places.drop, name="drop-node"),
    path("marketing-activities/<int:node_id>/archive/", archived.archive, name="archive-node"),
    path(
        "marketing-activities/<int:node_id>/unarchive/", archived.unarchive, name="unarchive-node"
    ),
    path("marketing-activities/<int:node_id>/clone/", nodes.clone, name="clone-node"),
    path("marketing-activities/<int:node_id>/delete/", nodes.delete, name="delete-node"),
    path("marketing-activities/<int:node_id>/restore/", binned.restore, name="restore-node"),
]

CAMPAIGN = "marketing-activities/campaigns/<int:campaign_id>"
SLOT = "marketing-activities/planned/<int:slot_id>"
RUN = "marketing-activities/runs/<int:run_id>"
MESSAGE = "marketing-activities/messages/<int:message_id>"

LIST = "marketing-activities/smart-lists/<int:list_id>"
STATIC = "marketing-activities/static-lists/<int:list_id>"
STEP = "marketing-activities/steps/<int:step_id>"
CHOICE = "marketing-activities/choices/<int:choice_id>"
TRIGGER = "marketing-activities/triggers/<int:trigger_id>"
FILTER = "marketing-activities/filters/<int:filter_id>"

flow_urls: list[URLPattern] = [
    path(f"{CAMPAIGN}/flow/", flow.page, name="flow"),
    path(f"{CAMPAIGN}/flow/add/", flow.add_step, name="add-step"),
    path(f"{CAMPAIGN}/flow/reorder/", flow.reorder_steps, name="reorder-steps"),
    path(f"{CAMPAIGN}/flow/publish/", flow.publish, name="publish"),
    path(f"{CAMPAIGN}/flow/undo/", flow.undo, name="undo-flow"),
    path(f"{CAMPAIGN}/flow/redo/", flow.redo, name="redo-flow"),
    path(f"{CAMPAIGN}/state/", draft_state.state, name="draft-state"),
    path(f"{CAMPAIGN}/test/", rehearsal.page, name="test-for"),
    path(f"{CAMPAIGN}/history/", history.page, name="history"),
    path(
        "marketing-activities/versions/<int:version_id>/restore/",
        history.restore,
        name="restore-version",
    ),
    path(
        "marketing-activities/versions/<int:version_id>/move/",
        moving.page,
        name="move-waiting",
    ),
    path(f"{STEP}/", flow.step, name="step"),
    path(f"{STEP}/move/", flow.move_step, name="move-step"),
    path(f"{STEP}/duplicate/", flow.duplicate_step, name="duplicate-step"),
    path(f"{STEP}/delete/", flow.delete_step, name="delete-step"),
    path(f"{STEP}/choices/", choices.add_choice, name="add-choice"),
    path(f"{CHOICE}/move/", choices.move_choice, name="move-choice"),
    path(f"{CHOICE}/delete/", choices.delete_choice, name="delete-choice"),
    path(f"{FILTER}/drop/", choices.delete_condition, name="delete-condition"),
]

smart_list_urls: list[URLPattern] = [
    path(f"{CAMPAIGN}/smart-list/", smart_list.page, name="smart-list"),
    path(f"{CAMPAIGN}/smart-list/people/", smart_list.people, name="smart-list-people"),
    path(f"{CAMPAIGN}/smart-list/add/", smart_list.add_filter, name="add-filter"),
    path(f"{CAMPAIGN}/smart-list/reorder/", smart_list.reorder_filters, name="reorder-filters"),
    path(f"{CAMPAIGN}/smart-list/undo/", smart_list.undo, name="undo-smart-list"),
    path(f"{CAMPAIGN}/smart-list/redo/", smart_list.redo, name="redo-smart-list"),
    path("marketing-activities/filter-values/<slug:kind>/", values.values, name="filter-values"),
    path(f"{LIST}/", smart_list.page, name="named-list"),
    path(f"{LIST}/state/", draft_state.state, name="named-list-state"),
    path(f"{LIST}/count/", smart_list.people, name="count-named-list"),
    path(f"{LIST}/add/", smart_list.add_filter, name="add-to-named-list"),
    path(f"{LIST}/reorder/", smart_list.reorder_filters, name="reorder-named-list"),
    path(f"{LIST}/undo/", smart_list.undo, name="undo-named-list"),
    path(f"{LIST}/redo/", smart_list.redo, name="redo-named-list"),
    path(f"{LIST}/people/", lists.people, name="named-list-people"),
    path(f"{LIST}/people/count/", lists.count, name="count-list-people"),
    path(f"{STATIC}/", lists.static, name="static-list"),
    path(f"{STATIC}/place/", lists.place, name="place-list"),
    path(f"{TRIGGER}/delete/", smart_list.delete_trigger, name="delete-trigger"),
    path(f"{FILTER}/", smart_list.filter_, name="filter"),
    path(f"{FILTER}/move/", smart_list.move_filter, name="move-filter"),
    path(f"{FILTER}/duplicate/", smart_list.duplicate_filter, name="duplicate-filter"),
    path(f"{FILTER}/delete/", smart_list.delete_filter, name="delete-filter"),
]

schedule_urls: list[URLPattern] = [
    path(f"{CAMPAIGN}/schedule/", schedule.page, name="schedule"),
    path(f"{CAMPAIGN}/schedule/forecast/", schedule.forecast, name="forecast"),
    path(f"{CAMPAIGN}/schedule/people/", schedule.people, name="forecast-people"),
    path(f"{CAMPAIGN}/schedule/run/", schedule.run, name="run"),
    path(f"{CAMPAIGN}/schedule/activate/", activation.activate, name="activate"),
    path(f"{CAMPAIGN}/schedule/enters/", entering.enters, name="enters"),
    path(f"{RUN}/deactivate/", activation.deactivate, name="deactivate-run"),
    path(f"{CAMPAIGN}/schedule/limit/", person_limit.limit, name="person-limit"),
    path(f"{CAMPAIGN}/schedule/later/", slots.later, name="run-later"),
    path(f"{SLOT}/cancel/", slots.cancel, name="cancel-slot"),
    path(f"{SLOT}/skip/", slots.skip, name="skip-slot"),
    path(f"{SLOT}/run/", slots.confirm, name="confirm-slot"),
]

results_urls: list[URLPattern] = [
    path(f"{CAMPAIGN}/results/", results.page, name="results"),
    path(f"{CAMPAIGN}/members/", members.page, name="members"),
    path(f"{RUN}/live/", live.live, name="results-live"),
    path(f"{RUN}/people/", results.people, name="results-people"),
    path(f"{RUN}/pause/", control.pause, name="pause-run"),
    path(f"{RUN}/resume/", control.resume, name="resume-run"),
    path(f"{RUN}/stop/", control.stop, name="stop-run"),
    path(f"{RUN}/retry/", retry.page, name="retry-run"),
    path("everything/pause/", brake.pause, name="pause-everything"),
    path("everything/resume/", brake.resume, name="resume-everything"),
    path("marketing-activities/of-person/<int:pk>/", person.campaigns, name="person-campaigns"),
    path("marketing-activities/entries/<int:entry_id>/", results.explain, name="explain"),
]

message_urls: list[URLPattern] = [
    path(f"{MESSAGE}/", message.page, name="message"),
    path(f"{MESSAGE}/write/", message.write, name="message-write"),
    path(f"{MESSAGE}/preview/", message.preview, name="message-preview"),
    path(f"{MESSAGE}/approve/", message.approve, name="message-approve"),
    path(f"{MESSAGE}/plain/", message.plain, name="message-plain"),
    path(f"{MESSAGE}/restore/", message.restore, name="message-restore"),
]

people_urls: list[URLPattern] = [
    path("database/act/", actions.act, name="act"),
    path("database/smart-lists/", system_lists.index, name="system-lists"),
    path("database/smart-lists/<slug:word>/", system_lists.page, name="system-list"),
    path("database/smart-lists/<slug:word>/count/", system_lists.count, name="count-system-list"),
    path("database/smart-lists/reasons/<int:list_id>/", system_lists.reasons, name="reasons"),
]

urlpatterns = [
    *people_urls,
    *tree_urls,
    *flow_urls,
    *smart_list_urls,
    *schedule_urls,
    *results_urls,
    *message_urls,
]
