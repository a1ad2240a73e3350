# SPDX-License-Identifier: Apache-2.0
"""A service with RAUC's name on a bus, for what the installed RAUC does not do: ADDRESS MODE FILE.
The options of each InstallBundle, and each Mark, are a line of FILE. Debian's own Python has the
bindings."""

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
  <signal name="Completed"><arg type="i"/></signal>
</interface></node>"""
DEMAND = "require-manifest-hash"


def slots():
    version = "2026.11.2" if MODE == "another" else "2026.11.3"
    running = "2026.11.3" if MODE == "not-switched" else "2026.10.1"
    facts = [("rootfs.0", "A", "booted", running), ("rootfs.1", "B", "inactive", version)]
    return [(name, {
        "bootname": GLib.Variant("s", boot), "state": GLib.Variant("s", state),
        "boot-status": GLib.Variant("s", "good"), "bundle.version": GLib.Variant("s", told),
        "bundle.hash": GLib.Variant("s", "a" * 64), "size": GLib.Variant("t", 1),
        "installed.count": GLib.Variant("u", 1)}) for name, boot, state, told in facts]


def progress(bus, percent, text, error=""):
    bus.emit_signal(None, "/", "org.freedesktop.DBus.Properties", "PropertiesChanged", GLib.Variant(
        "(sa{sv}as)", (INTERFACE, {
            "Progress": GLib.Variant("(isi)", (percent, text, 1)),
            "LastError": GLib.Variant("s", error)}, [])))


def work(bus):
    if MODE == "vanishes":
        sys.exit()
    is_bad = MODE == "plain"
    progress(bus, 0, "Installing")
    progress(bus, 100, "Installing failed." if is_bad else "Installing done.",
             f"Refusing to install plain bundle when using {DEMAND}" if is_bad else "")
    bus.emit_signal(None, "/", INTERFACE, "Completed", GLib.Variant("(i)", (int(is_bad),)))
    return False


def called(bus, _sender, _path, _interface, method, arguments, invocation):
    if method == "Info":
        first = 7 if MODE == "strange-info" else "pos-x1"
        kind = "(is)" if MODE == "strange-info" else "(ss)"
        invocation.return_value(GLib.Variant(kind, (first, "2026.11.3")))
    elif method == "GetPrimary":
        switched = MODE != "not-switched"
        invocation.return_value(GLib.Variant("(s)", ("rootfs.1" if switched else "rootfs.0",)))
    elif method == "GetSlotStatus":
        if MODE == "strange-slots":
            invocation.return_value(GLib.Variant("(s)", ("none",)))
        else:
            invocation.return_value(GLib.Variant("(a(sa{sv}))", (slots(),)))
    elif method == "Mark":
        note(" ".join(arguments.unpack()))
        invocation.return_value(GLib.Variant("(ss)", ("rootfs.0", "marked")))
    else:
        install(bus, arguments.unpack()[1], invocation)


def note(line):
    with open(FILE, "a", encoding="ascii") as file:
        file.write(line + "\n")


def install(bus, options, invocation):
    note(",".join(f"{name}={value}" for name, value in options.items()))
    if MODE == "older" and options:
        refuse(invocation, f"Unsupported key: {DEMAND}")
    elif MODE == "busy":
        # Somebody else's comes to its end meanwhile.
        bus.emit_signal(None, "/", INTERFACE, "Completed", GLib.Variant("(i)", (0,)))
        GLib.timeout_add(300, refuse, invocation, "Already processing a different method")
    else:
        invocation.return_value(None)
        GLib.idle_add(work, bus)


def refuse(invocation, text):
    invocation.return_dbus_error(
        "org.gtk.GDBus.UnmappedGError.Quark._g_2dio_2derror_2dquark.Code30", text)
    return False


def main():
    with open(FILE, "w", encoding="ascii"):
        pass
    flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
             | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
    bus = Gio.DBusConnection.new_for_address_sync(ADDRESS, flags, None, None)
    # Nobody else ends one that the bus has started.
    bus.set_exit_on_close(True)
    bus.register_object("/", Gio.DBusNodeInfo.new_for_xml(WORDS).interfaces[0], called, None, None)
    Gio.bus_own_name_on_connection(bus, NAME, Gio.BusNameOwnerFlags.NONE, None, None)
    GLib.MainLoop().run()


main()
