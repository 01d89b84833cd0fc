"""The witness over HTTP: `POST /add-checkpoint` as C2SP tlog-witness has it, and `GET /` for whoever wants to look."""

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from services.audit.tlog.errors import LogError
from services.audit.witness import showing
from services.audit.witness.cosigning import Answer, add_checkpoint
from services.audit.witness.folder import Witness
from services.audit.witness.store import Unwritable

LARGEST_BODY = 64 * 1024  # bytes: 63 hashes and a checkpoint have 5,000


def create_app(witness: Witness) -> Flask:
    """Return the application of a witness. It keeps nothing in memory from one request to the next."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY

    @app.post("/add-checkpoint")
    def add() -> Response:
        return _response(add_checkpoint(witness, request.get_data(cache=False)))

    @app.get("/")
    def show() -> Response:
        if request.accept_mimetypes.best_match(["text/plain", "application/json"]) == "application/json":
            return _response(Answer(200, showing.as_json(witness), "application/json"))
        return _response(Answer(200, showing.as_text(witness)))

    @app.errorhandler(HTTPException)
    def refuse(problem: HTTPException) -> Response:
        answer = _response(Answer(problem.code or 500, f"{_SENTENCES.get(problem.code or 500, problem.description)}\n"))
        if allowed := getattr(problem, "valid_methods", None):
            answer.headers["Allow"] = ", ".join(sorted(allowed))
        return answer

    @app.errorhandler(Unwritable)
    @app.errorhandler(LogError)
    def away(problem: Exception) -> Response:
        app.logger.error("%s", problem)
        answer = _response(Answer(503, f"{problem} Nothing was co-signed; please try again later.\n"))
        answer.headers["Retry-After"] = "5"
        return answer

    return app


_SENTENCES = {
    404: "There is nothing here: a witness answers POST /add-checkpoint and GET / (https://c2sp.org/tlog-witness).",
    405: "POST /add-checkpoint asks for a cosignature, GET / shows what was witnessed; nothing else is answered.",
    413: f"The request is larger than {LARGEST_BODY} bytes; a proof and a checkpoint need far less.",
    500: "The witness has made a mistake. Nothing was co-signed; its operator finds the reason in its log.",
}


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    response.headers["Content-Type"] = answer.kind
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
