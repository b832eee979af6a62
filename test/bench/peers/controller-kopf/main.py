"""A minimal controller on kopf, a yardstick for ours: makes the Job, follows it, and writes the status twice."""

import copy
import datetime
import json
import os
import ssl

import aiohttp
import kopf

GROUP = ("qudemo.dev", "v1alpha1", "loomvideos")
STEPS = ["Downloaded", "Validated", "Transcribed", "Embedded", "CleanedUp", "MemoryStable", "Ready"]

with open(os.environ["JOB_TEMPLATE"]) as file:
    TEMPLATE = json.load(file)
with open(os.environ["KUBECONFIG"]) as file:
    CONFIG = json.load(file)
SERVER = CONFIG["clusters"][0]["cluster"]["server"]
HEADERS = {"Authorization": f"Bearer {CONFIG['users'][0]['user']['token']}"}
sessions: list[aiohttp.ClientSession] = []


@kopf.on.startup()
async def begin(settings: kopf.OperatorSettings, **_):
    settings.posting.enabled = False
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage()
    trust = ssl.create_default_context(cafile=os.environ["CA_FILE"])
    connector = aiohttp.TCPConnector(ssl=trust)
    sessions.append(aiohttp.ClientSession(connector=connector, headers=HEADERS))
    print("Starting workers", flush=True)


@kopf.on.cleanup()
async def end(**_):
    for session in sessions:
        await session.close()


def status_of(job, done, generation):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    reason = "Completed" if done else "Running"
    conditions = [
        {
            "type": step,
            "status": "True" if done else "False",
            "reason": reason,
            "message": "The video is searchable.",
            "observedGeneration": generation,
            "lastTransitionTime": now,
        }
        for step in STEPS
    ]
    return {
        "phase": "Ready" if done else "Running",
        "observedGeneration": generation,
        "attempts": 1,
        "job": {"name": job["name"], "uid": job["uid"]},
        "conditions": conditions,
        ("finishedAt" if done else "startedAt"): now,
    }


@kopf.on.create(*GROUP)
async def make(name, namespace, uid, meta, body, patch, **_):
    job = copy.deepcopy(TEMPLATE)
    job["metadata"].update(name=f"loomvideo-{name}", namespace=namespace)
    for part in (job["metadata"], job["spec"]["template"]["metadata"]):
        part["labels"]["qudemo.dev/video-uid"] = uid
        part["annotations"]["qudemo.dev/video"] = name
    job["metadata"]["ownerReferences"] = []
    kopf.append_owner_reference(job, owner=body)
    async with sessions[0].post(f"{SERVER}/apis/batch/v1/namespaces/{namespace}/jobs", json=job) as answer:
        if answer.status not in (201, 409):
            raise kopf.TemporaryError(await answer.text(), delay=1)
        made = await answer.json()
    if answer.status == 201:
        patch.status.update(status_of(made["metadata"], False, meta["generation"]))


@kopf.on.event("batch", "v1", "jobs", labels={"app.kubernetes.io/part-of": "loomvideo-operator"})
async def follow(meta, status, namespace, **_):
    if not any(c["type"] == "Complete" and c["status"] == "True" for c in status.get("conditions", [])):
        return
    name = meta["annotations"]["qudemo.dev/video"]
    path = f"{SERVER}/apis/qudemo.dev/v1alpha1/namespaces/{namespace}/loomvideos/{name}/status"
    headers = {"Content-Type": "application/merge-patch+json"}
    body = json.dumps({"status": status_of(meta, True, 1)})
    async with sessions[0].patch(path, data=body, headers=headers) as answer:
        if answer.status != 404:
            answer.raise_for_status()
