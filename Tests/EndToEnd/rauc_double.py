# SPDX-License-Identifier: Apache-2.0
"""A service with RAUC's name on a bus, for what the installed RAUC does not do: ADDRESS MODE FILE.
The options of each InstallBundle, and each Mark, are a line of FILE; FILE.primary keeps what starts
next. Debian's own Python has the bindings."""

import os
import sys

from gi.repository import Gio, GLib

ADDRESS, MODE, FILE = sys.argv[1:]
NAME = "de.pengutronix.rauc"
INTERFACE = f"{NAME}.Installer"
WORDS = f"""<node><interface name="{INTERFACE}">
  <method name="Info"><arg type="s" direction="in"/>
    <arg type="{"i" if MODE == "strange-info" else "s"}" direction="out"/>
    <arg type="s" direction="out"/></method>
  <method name="InstallBundle"><arg type="s" direction="in"/>
    <arg type="a{{sv}}" direction="in"/></method>
  <method name="Mark"><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="out"/><arg type="s" direction="out"/></method>
  <method name="GetPrimary"><arg type="s" direction="out"/></method>
  <method name="GetSlotStatus">
    <arg type="{"s" if MODE == "strange-slots" else "a(sa{sv})"}" direction="out"/></method>
  <property name="Operation" type="s" access="read"/>
  <property name="Progress" type="(isi)" access="read"/>
  <property name="LastError" type="s" access="read"/>
  <signal name="Completed"><arg type="i"/></signal>
</interface></node>"""
DEMAND = "require-manifest-hash"
# What happens a while after InstallBundle, or after the start where nobody has called it.
WHILE = 1500
FOUND = ("found", "found-early", "quirk")
SLOW = ("deaf", "silent", *FOUND)
STATE = {"Operation": "idle", "Progress": (0, "", 0), "LastError": "", "busy": False}
# Ends that do not follow from InstallBundle's options.
FAILS = {"plain": f"Refusing to install plain bundle when using {DEMAND}",
         "fails-switched": "Post-install handler error", "mark-refused": "Handler error",
         "mark-lies": "Handler error"}


def primary():
    with open(FILE + ".primary", encoding="ascii") as file:
        return file.read()


def start_next(name):
    with open(FILE + ".primary", "w", encoding="ascii") as file:
        file.write(name)


def slots():
    version = "2026.11.2" if MODE == "another" else "2026.11.3"
    running = "2026.11.3" if MODE == "not-switched" else "2026.10.1"
    found = []
    for name, boot, state, told in [("rootfs.0", "A", "booted", running),
                                    ("rootfs.1", "B", "inactive", version)]:
        facts = {"bootname": GLib.Variant("s", boot), "state": GLib.Variant("s", state),
                 "boot-status": GLib.Variant("s", "good"),
                 "bundle.version": GLib.Variant("s", told), "size": GLib.Variant("t", 1),
                 "installed.count": GLib.Variant("u", 1)}
        if MODE not in ("no-hash", "older"):
            digit = {"other-hash": "b", "no-digits": "x"}.get(MODE, "a")
            facts["bundle.hash"] = GLib.Variant("s", digit * 64)
        found.append((name, facts))
    return found


def tell(bus, **changed):
    STATE.update(changed)
    bus.emit_signal(None, "/", "org.freedesktop.DBus.Properties", "PropertiesChanged", GLib.Variant(
        "(sa{sv}as)", (INTERFACE, {name: read(name) for name in changed if name != "busy"}, [])))


def read(name):
    kind = "(isi)" if name == "Progress" else "s"
    return GLib.Variant(kind, STATE[name])


def begin(bus):
    """What is said before anything is written, and the end that follows at once or later."""
    if MODE == "vanishes":
        sys.exit()
    if MODE == "vanishes-switched":
        start_next("rootfs.1")
        sys.exit()
    tell(bus, Operation="installing", Progress=(0, "Installing", 1), LastError="", busy=True)
    if MODE == "gives-up":
        GLib.timeout_add(WHILE, tell_idle, bus)
    else:
        GLib.timeout_add(WHILE if MODE in SLOW else 0, end, bus)
    if MODE == "found-early":
        # It has said nothing of this one yet, and what it said last is of the one before.
        tell(bus, Progress=(100, "Installing done.", 1))
    if MODE == "quirk":
        # RAUC 1.8 behind a second call that it has refused.
        tell(bus, Operation="idle", Progress=(90, "Copying image to rootfs.1", 3))
    return False


def tell_idle(bus):
    tell(bus, Operation="idle", busy=False)
    return False


def end(bus):
    error = FAILS.get(MODE, "")
    if MODE not in ("plain", "not-switched"):
        start_next("rootfs.1")
    tell(bus, Progress=(100, "Installing failed." if error else "Installing done.", 1),
         LastError=error)
    bus.emit_signal(None, "/", INTERFACE, "Completed", GLib.Variant("(i)", (int(bool(error)),)))
    return tell_idle(bus)


def called(bus, _sender, _path, _interface, method, arguments, invocation):
    if STATE["busy"]:
        refuse(invocation, "already processing a different method")
    elif method == "Info":
        first = 7 if MODE == "strange-info" else "pos-x1"
        kind = "(is)" if MODE == "strange-info" else "(ss)"
        invocation.return_value(GLib.Variant(kind, (first, "2026.11.3")))
    elif method == "GetPrimary":
        invocation.return_value(GLib.Variant("(s)", (primary(),)))
    elif method == "GetSlotStatus":
        is_strange = MODE == "strange-slots"
        invocation.return_value(GLib.Variant("(s)" if is_strange else "(a(sa{sv}))",
                                             ("none" if is_strange else slots(),)))
    elif method == "Mark":
        mark(*arguments.unpack(), invocation)
    else:
        install(bus, arguments.unpack()[1], invocation)


def mark(state, slot, invocation):
    note(f"{state} {slot}")
    if MODE == "mark-refused":
        refuse(invocation, "Failed marking slot")
        return
    if state == "active" and MODE != "mark-lies":
        start_next("rootfs.0")
    invocation.return_value(GLib.Variant("(ss)", ("rootfs.0", "marked")))


def note(line):
    with open(FILE, "a", encoding="ascii") as file:
        file.write(line + "\n")


def install(bus, options, invocation):
    note("install " + ",".join(f"{name}={value}" for name, value in options.items()))
    if MODE == "older" and options:
        refuse(invocation, f"Unsupported key: {DEMAND}")
    elif MODE == "objects" and options:
        refuse(invocation, f"Unsupported key: {DEMAND}: no such manifest")
    elif MODE == "busy":
        # Somebody else's comes to its end meanwhile.
        bus.emit_signal(None, "/", INTERFACE, "Completed", GLib.Variant("(i)", (0,)))
        GLib.timeout_add(300, refuse, invocation, "Already processing a different method")
    else:
        if MODE != "deaf":
            invocation.return_value(None)
        GLib.idle_add(begin, bus)


def refuse(invocation, text):
    invocation.return_dbus_error(
        "org.gtk.GDBus.UnmappedGError.Quark._g_2dio_2derror_2dquark.Code30", text)
    return False


def main():
    flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
             | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
    bus = Gio.DBusConnection.new_for_address_sync(ADDRESS, flags, None, None)
    # Nobody else ends one that the bus has started.
    bus.set_exit_on_close(True)
    if not os.path.exists(FILE + ".primary"):
        start_next("rootfs.0")
    bus.register_object("/", Gio.DBusNodeInfo.new_for_xml(WORDS).interfaces[0], called,
                        lambda _bus, _sender, _path, _interface, name: read(name), None)
    if MODE in FOUND:
        GLib.idle_add(begin, bus)
    Gio.bus_own_name_on_connection(bus, NAME, Gio.BusNameOwnerFlags.NONE, None, None)
    GLib.MainLoop().run()


main()
