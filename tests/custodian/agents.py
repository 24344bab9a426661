"""Agents as `run` makes them, for what a directory holds."""

import threading

from hefed.custodian.agent.alone import Alone
from hefed.custodian.agent.holder import Holder
from hefed.custodian.agent.lead import HURRY_SECONDS, Lead
from hefed.custodian.agent.loop import Agent
from hefed.custodian.agent.share import ShareHolder
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.opened import Custodian


def alone(custodian: Custodian, client: CustodianClient) -> Agent:
    return Agent(custodian, client, Alone(custodian, client))


def holding(holder: ShareHolder, client: CustodianClient) -> Agent:
    return Agent(holder.custodian, client, Holder(holder, client))


def leading(
    holder: ShareHolder,
    client: CustodianClient,
    stop: threading.Event | None = None,
    hurry_seconds: float = HURRY_SECONDS,
) -> Agent:
    return Agent(holder.custodian, client, Lead(holder, client, hurry_seconds=hurry_seconds), stop)
