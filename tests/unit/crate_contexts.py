"""What `roc-validator` would download, where there is no network: JSON-LD contexts for its HTTP cache.

The terms that our crates use, with their IRIs, as RO-Crate 1.1 (https://w3id.org/ro/crate/1.1/context) and Workflow Run
RO-Crate (https://w3id.org/ro/terms/workflow-run/context) define them; a term that is not here is one that the validator
does not know. The environment variable CUTLINE_ROCRATE_CONTEXTS names a folder with the published files instead
(`ro-crate-1.1-context.jsonld`, `workflow-run-context.jsonld`).
"""

from __future__ import annotations

import io
import json
import os
import warnings
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from rocrate_validator import services
from urllib3 import HTTPResponse

FILES = {
    "https://w3id.org/ro/crate/1.1/context": "ro-crate-1.1-context.jsonld",
    "https://w3id.org/ro/terms/workflow-run/context": "workflow-run-context.jsonld",
}
OF_SCHEMA_ORG = """
    CompletedActionStatus ComputerLanguage ControlAction CreateAction CreativeWork Dataset FailedActionStatus HowTo
    HowToStep MediaObject OrganizeAction Person PropertyValue SoftwareApplication SoftwareSourceCode
    about actionStatus additionalType agent alternateName datePublished description encodingFormat endTime exampleOfWork
    hasPart identifier instrument license mainEntity mentions name object position programmingLanguage result
    softwareRequirements softwareVersion startTime step url value version workExample
"""
TERMS = {
    "https://w3id.org/ro/crate/1.1/context": {term: f"http://schema.org/{term}" for term in OF_SCHEMA_ORG.split()}
    | {
        "File": "http://schema.org/MediaObject",
        "conformsTo": "http://purl.org/dc/terms/conformsTo",
        "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
        "FormalParameter": "https://bioschemas.org/FormalParameter",
        "input": "https://bioschemas.org/ComputationalWorkflow#input",
        "output": "https://bioschemas.org/ComputationalWorkflow#output",
    },
    "https://w3id.org/ro/terms/workflow-run/context": {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"},
}


class Shelf(HTTPAdapter):
    """Answers a request for a context from `context` instead of from the network."""

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        body = io.BytesIO(json.dumps(context(str(request.url))).encode())
        headers = {"Content-Type": "application/ld+json"}
        return self.build_response(
            request, HTTPResponse(body, headers, 200, preload_content=False, request_url=request.url)
        )


def context(url: str) -> dict[str, Any]:
    folder = os.environ.get("CUTLINE_ROCRATE_CONTEXTS")
    if folder:
        return dict(json.loads((Path(folder) / FILES[url]).read_text(encoding="utf-8")))
    return {"@context": TERMS[url]}


def fill_cache(cache: Path) -> None:
    """Make the validator's HTTP cache (`cache_path`) hold every context a crate of ours names."""
    from requests_cache import CachedSession

    with CachedSession(cache_name=str(cache), backend="sqlite", expire_after=-1) as session:
        session.mount("https://", Shelf())
        for url in FILES:
            assert session.get(url).status_code == 200


def required(crate: Path, tmp_path: Path) -> list[str]:
    """What the validator finds wrong with a crate at the required level of Provenance Run Crate, without network."""
    fill_cache(tmp_path / "cache")
    settings = services.ValidationSettings(
        rocrate_uri=str(crate), profile_identifier="provenance-run-crate", offline=True, cache_path=tmp_path / "cache"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the validator's own use of what its libraries call deprecated
        return [issue.message for issue in services.validate(settings).get_issues()]
