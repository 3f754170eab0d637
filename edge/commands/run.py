"""`tongdai run`: starts the processes of a box, prints READY, restarts what dies, stops everything within 5 s.

On emulated hardware the world's board switches the computer under them, too (`host_power`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from edge.api.client import BoxAbsent, BoxClient, BoxRefused
from edge.commands.answers import Failed
from edge.commands.demo import declare_people, make_company, start_life
from edge.commands.host_power import OFF, HostPower
from edge.commands.plan import Plan, plan_from
from edge.commands.premises import check_port, is_part, lock
from edge.commands.world import ask_world
from edge.config import LineConfig, WebConfig
from edge.parts import core_command, sync_command, web_command
from edge.process import HALTED, READY_TIMEOUT_S, Child, ChildFailed

RESTART_PAUSE_S = 0.5
"""First pause before a dead process is started again; it doubles up to the longest one."""
LONGEST_RESTART_PAUSE_S = 30.0
STEADY_AFTER_S = 3.0
"""Who lived so long is started again at once; who dies sooner, time after time, gets ever longer pauses."""
CORE_READY_TIMEOUT_S = 900.0
"""After a crash the core first makes the cut-off recordings whole: about a minute for each hour of a call."""
PREDECESSOR_PATIENCE_S = 5.0


class Box:
    """The running processes of one box."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._places = plan.places
        self._children: dict[str, Child] = {}
        self._restarts: dict[str, asyncio.Task[None]] = {}
        self._pauses: dict[str, float] = {}
        """Seconds before the next start of a process that does not stay alive."""
        self._stopping = asyncio.Event()
        self._host = HostPower(self, self._host_changed)

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        start = asyncio.create_task(self._start())
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({start, stop}, return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                start.result()
                await stop
            return 0
        finally:
            start.cancel()
            stop.cancel()
            with contextlib.suppress(asyncio.CancelledError, ChildFailed, Failed):
                await start
            await self._stop()

    # --- start ----------------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        await self._outlive_predecessor()
        check_port(self._plan.config.web)
        self._places.prepare()
        web = asyncio.create_task(self._launch("web", web_command(self._plan.config)))
        try:
            await self._launch_core()
            if self._plan.demo:
                await asyncio.to_thread(self._make_demo)
            await self._launch("sync", sync_command(self._plan.config))
            self._keep_port(await web)
        finally:
            # Whatever else went wrong, or SIGTERM: nobody waits for a page that is still starting.
            web.cancel()
            await asyncio.gather(web, return_exceptions=True)
        await self._wait_for_lines()
        self._announce()
        sys.stdout.write(f"READY {json.dumps(self._plan.announced, ensure_ascii=False)}\n")
        sys.stdout.flush()
        if self._plan.traffic:
            await asyncio.to_thread(self._start_life)

    async def _outlive_predecessor(self) -> None:
        """A `tongdai run` that was killed leaves parts that still end their calls, on its ports and its store."""
        try:
            pids = json.loads(self._places.ready_file.read_text(encoding="utf-8"))["pids"]
        except (OSError, ValueError, KeyError):
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PREDECESSOR_PATIENCE_S):
                while any(is_part(pid) for pid in pids.values() if pid is not None):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        self._places.ready_file.unlink(missing_ok=True)

    def _keep_port(self, ready: dict[str, Any]) -> None:
        """Where any free port was asked for, a page that is started again comes back under the address of READY."""
        config = self._plan.config
        web = WebConfig(config.web.host, urlsplit(ready["web"]).port or config.web.port)
        self._plan.config = msgspec.structs.replace(config, web=web)
        self._children["web"].command = web_command(self._plan.config)

    async def _launch_core(self) -> None:
        config = self._plan.config
        if self._plan.sim_lines:
            ready = await self._launch("sim", self._sim_command())
            lines = tuple(
                LineConfig(row["line"], row["at"], row["audio"], row["number"], row["family"]) for row in ready["lines"]
            )
            found = ready["board"]
            board = msgspec.structs.replace(config.board, kind="supervisor", port=found["port"], vm=found["vm"])
            config = msgspec.structs.replace(config, lines=lines, board=board)
        config = msgspec.structs.replace(config, api=str(self._places.socket("api")))
        self._plan.config = config
        self._places.machine_file.write_bytes(msgspec.json.format(msgspec.json.encode(config), indent=2))
        await self._launch("core", core_command(self._places.machine_file))

    async def _launch(self, name: str, command: list[str]) -> dict[str, Any]:
        patience_s = CORE_READY_TIMEOUT_S if name == "core" else READY_TIMEOUT_S
        heard = self._world_said if name == "sim" else None
        child = Child(name, command, on_exit=self._child_died, on_line=heard, ready_timeout_s=patience_s)
        self._children[name] = child
        return await child.start()

    def _sim_command(self) -> list[str]:
        world = [sys.executable, "-m", "sim_hardware.world", "--lines", str(self._plan.sim_lines)]
        world += ["--board-key", str(self._plan.board_key)] if self._plan.board_key else []
        return [*world, "--dir", str(self._places.simulation)]

    async def _wait_for_lines(self) -> None:
        """READY is said when every simulated line takes calls; real ones may take their time (SIM, network)."""
        if not self._plan.sim_lines:
            return
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                while not all(row["state"] == "up" for row in await asyncio.to_thread(self._ask_lines)):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError as error:
            raise Failed(f"the simulated lines are not registered after {READY_TIMEOUT_S:.0f} s") from error

    def _ask_lines(self) -> list[dict[str, Any]]:
        from edge.api.messages import GetLines

        with BoxClient(Path(str(self._plan.config.api))) as box:
            rows = box.ask(GetLines())
        assert isinstance(rows, list)
        return rows

    def _make_demo(self) -> None:
        declare_people(self._control)
        make_company(Path(str(self._plan.config.api)))

    def _start_life(self) -> None:
        with contextlib.suppress(BoxAbsent, BoxRefused, Failed, OSError):
            start_life(Path(str(self._plan.config.api)), self._control)

    def _people_again(self) -> None:
        """A world that was started again has forgotten the demo's people."""
        with contextlib.suppress(Failed):
            if self._plan.demo:
                declare_people(self._control)
            if self._plan.traffic:
                self._start_life()

    @property
    def _control(self) -> Path:
        return Path(self._children["sim"].ready["control"])

    # --- READY ----------------------------------------------------------------------------------------------------

    def _announce(self) -> None:
        config = self._plan.config
        sim = self._children.get("sim")
        web = self._children["web"].ready
        self._plan.announced = {
            "box": config.box,
            "web": web["web"],
            "login": web["login"],
            "data": str(self._places.data),
            "api": config.api,
            "sim": sim.ready["control"] if sim else None,
            "board": self._board(),
            "pids": {"run": os.getpid(), **{name: self._pid(name) for name in ("core", "web", "sync", "sim")}},
            "lines": [{"line": row["line"], "number": row["number"], **_ports(row)} for row in self._ask_lines()],
        }
        self._keep()

    def _board(self) -> dict[str, Any]:
        """`vm`: which interpreter plays the microcontroller; null on real hardware."""
        board = self._plan.config.board
        return {"kind": board.kind, "vm": board.vm, "port": board.port, "host": self._host.state}

    def _pid(self, name: str) -> int | None:
        child = self._children.get(name)
        return child.pid if child else None

    def _keep(self) -> None:
        """The secret is shown once; the file for `tongdai status` is for its owner only."""
        target = self._places.ready_file
        fresh = target.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(self._plan.announced, ensure_ascii=False), encoding="utf-8")
        fresh.replace(target)

    # --- life -----------------------------------------------------------------------------------------------------

    def _child_died(self, child: Child) -> None:
        if self._stopping.is_set():
            return
        if child.name == "core" and child.exit_status == HALTED:
            self._core_went_down()
            return
        sys.stderr.write(f"{child.name} ended with status {child.exit_status}; starting it again\n")
        self._restarts[child.name] = asyncio.get_running_loop().create_task(self._restart(child))

    async def _restart(self, child: Child) -> None:
        if child.lived_s >= STEADY_AFTER_S:
            self._pauses.pop(child.name, None)
        while not self._stopping.is_set():
            await asyncio.sleep(self._next_pause(child))
            child.restarts += 1
            try:
                await child.start()
            except (ChildFailed, OSError) as error:
                sys.stderr.write(f"{error}; next try in {self._pauses[child.name]:.1f} s\n")
                continue
            if self._plan.announced:
                await self._announce_restart(child)
            return

    def _next_pause(self, child: Child) -> float:
        """None before the first try, then ever longer ones."""
        pause = self._pauses.get(child.name, 0.0)
        self._pauses[child.name] = min(max(2 * pause, RESTART_PAUSE_S), LONGEST_RESTART_PAUSE_S)
        return pause

    async def _announce_restart(self, child: Child) -> None:
        sys.stderr.write(f"{child.name} runs again as pid {child.pid}\n")
        self._plan.announced["pids"][child.name] = child.pid
        if child.name == "web":
            self._plan.announced |= {key: child.ready[key] for key in ("web", "login")}
        elif child.name == "sim":
            self._plan.announced |= {"sim": child.ready["control"], "board": self._board()}
        self._keep()
        if child.name == "sim":
            self._host.said({"on": True})  # the pull-ups of a fresh board give the computer its power
            await asyncio.to_thread(self._people_again)

    # --- the computer under them ----------------------------------------------------------------------------------

    def _world_said(self, line: str) -> bool:
        word, _, told = line.partition(" ")
        if word != "HOST" or self._stopping.is_set():
            return word == "HOST"
        self._host.said(json.loads(told))
        return True

    def _core_went_down(self) -> None:
        """The board asked for it: the computer under an emulated box goes down now, a real one does so by itself."""
        if self._plan.sim_lines:
            self._host.go_down()
        else:
            self._stopping.set()

    def _host_changed(self, state: str) -> None:
        sys.stderr.write(f"the computer under the box: {state}\n")
        if state == OFF:
            sys.stderr.write("`tongdai sim board press` starts it, unless the supervisor does so by itself\n")
        if self._plan.announced:
            pids = {name: self._pid(name) for name in self._parts() if state != OFF}
            self._plan.announced["pids"] |= dict.fromkeys(self._parts()) | pids
            self._plan.announced["board"] = self._board()
            self._keep()

    def _parts(self) -> list[str]:
        return [name for name in ("core", "sync", "web") if name in self._children]

    def _give_up_restarts(self) -> None:
        for name in self._parts():
            if restart := self._restarts.pop(name, None):
                restart.cancel()

    def kill_all(self) -> None:
        self._give_up_restarts()
        for name in self._parts():
            self._children[name].kill()

    async def stop_all(self) -> None:
        """The core first: it hangs up, closes its calls and writes their rows while modems and sync still live."""
        self._give_up_restarts()
        parts = [self._children[name] for name in self._parts()]
        for child in parts:
            child.stopping = True
        for child in parts:
            await child.stop()

    async def start_all(self) -> None:
        await asyncio.gather(*(self._restart(self._children[name]) for name in self._parts()))

    async def say_halted(self) -> None:
        with contextlib.suppress(Failed):
            await asyncio.to_thread(ask_world, self._control, {"do": "board", "what": "halted"}, 5.0)

    # --- stop -----------------------------------------------------------------------------------------------------

    async def _stop(self) -> None:
        self._host.close()
        for task in self._restarts.values():
            task.cancel()
        order = [self._children[name] for name in ("core", "sync", "web", "sim") if name in self._children]
        for child in order:
            child.stopping = True
        # The core first: it hangs up, closes its calls and writes their rows while modems and sync still live.
        await asyncio.gather(*(child.stop() for child in order if child.name == "core"))
        await asyncio.gather(*(child.stop(0.8) for child in order if child.name != "core"))
        self._places.ready_file.unlink(missing_ok=True)


def _ports(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("family", "at", "audio")}


def run(options: Namespace) -> int:
    """Returns the exit status; READY is the only line on stdout."""
    plan = plan_from(options)
    try:
        held = lock(plan.places)
    except OSError as error:
        raise Failed(f"{plan.places.data}: {error.strerror}") from error
    with held:
        try:
            return asyncio.run(Box(plan).run())
        except (ChildFailed, BoxAbsent, BoxRefused) as error:
            raise Failed(str(error)) from error
