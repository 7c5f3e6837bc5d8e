"""Battery models as they were published. Publishing one is an event: POST /v1/events with type publish_model."""

from flask.typing import ResponseReturnValue

from api import json
from api.auth import PUBLIC, READER, present_registry
from api.routes import Answer, Routes, Terms
from api.schemas.answers import MODEL, MODELS
from service.domain.events import body_mapping
from service.domain.states import Model
from service.errors import NotFoundError

routes = Routes("models")


@routes.get("/v1/models", Terms(READER, "All models", answers=(Answer(200, "By id", MODELS),)))
def list_models() -> ResponseReturnValue:
    models = present_registry().models
    return json.with_etag(json.answer([_members(models[model_id]) for model_id in sorted(models)]))


@routes.get(
    "/v1/models/<model_id>",
    Terms(PUBLIC, "One model", answers=(Answer(200, "As it was published", MODEL),), errors=(404,)),
)
def show_model(model_id: str) -> ResponseReturnValue:
    model = present_registry().models.get(model_id)
    if model is None:
        raise NotFoundError("no such model in this register")
    return json.with_etag(json.answer(_members(model)))


def _members(model: Model) -> dict[str, object]:
    return {"model_id": model.body.model_id, "maker": model.maker, "body": body_mapping(model.body)}
