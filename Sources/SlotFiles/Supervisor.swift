// SPDX-License-Identifier: Apache-2.0

//   choose ─▶ write (link, state) ─▶ start ─▶ ready? ──no, in its time──▶ kill ─┐
//     ▲                                         │ signs of life               │
//     └──────────── count, write ◀──── ended ◀──┴──── silent: kill ◀──────────┘
//
// It is never updated with a slot, so it knows as little as it can: which slot, how often, since
// when.

import CLinux
public import Clockwork
import Glibc
import Updates

/// Starts the chosen slot's program and stays with it.
public final class Supervisor {
  /// How it was started.
  public struct Options: Sendable {
    /// The folder of the slots.
    public var slots: String
    /// A folder for its socket.
    public var run: String
    /// What the started program is given.
    public var arguments: [String]
    /// How long a start may take until the program is ready.
    public var readyLimit = Interval.seconds(25)
    /// How long a program that is ready may be silent.
    public var silenceLimit = Interval.seconds(25)

    /// Options.
    public init(slots: String, run: String, arguments: [String]) {
      self.slots = slots
      self.run = run
      self.arguments = arguments
    }
  }

  /// What the program in a slot ends with when it wants to be started anew, perhaps from the other
  /// slot.
  public static let restartCode: Int32 = 76
  /// Who has run so long is started again without a pause that grows.
  static let goodRun = Interval.seconds(60)
  /// How long one that is told to end may take: systemd waits 5 seconds for all.
  static let endLimit = Interval.milliseconds(4_000)
  static let shortPause = Interval.milliseconds(100)
  /// Behind a start that failed: what kept the program from starting may pass.
  static let failedPause = Interval.seconds(1)
  static let longPause = Interval.seconds(10)
  /// How long the lock of a supervisor that was killed is waited for: its program dies with it.
  static let lockLimit = Interval.seconds(5)

  private let options: Options
  private let disk: FolderDisk
  private let slots: DirectorySlots<FolderDisk>
  private let socket: NotifySocket
  private let log: (String) -> Void
  private var state: BootState?
  private var current: SlotName?
  /// The disk does not take what we know: then what we know counts, until the program has written
  /// something newer.
  private var isOnDisk = true
  /// Which of the states on the disk we know.
  private var generation: Int64 = 0
  /// Whether the last run was ready at any time.
  private var wasReady = false
  private var isEnding = false
  private var lock: Int32 = -1
  private var signals: Int32 = -1

  /// A supervisor; nil where the system has no socket for it.
  public init?(_ options: Options, log: @escaping (String) -> Void) {
    guard let socket = NotifySocket(folder: options.run) else { return nil }
    self.options = options
    self.socket = socket
    self.log = log
    disk = FolderDisk(options.slots)
    slots = DirectorySlots(disk)
  }

  /// Serves until it is told to end.
  public func run() -> Int32 {
    takeSignals()
    takeLock()
    look()
    state?.allowOneStart()
    var failures: Int64 = 0
    while !isEnding {
      // Work that has an end, and one sign of life for each: not because time has passed.
      socket.tell("WATCHDOG=1")
      let choice = slots.choice(state, current: current)
      write(choice)
      guard let slot = choice.slot else {
        log("no slot is whole")
        wait(Supervisor.longPause)
        look()
        continue
      }
      let isGood = serve(slot, choice.mode)
      failures = isGood ? 0 : failures + 1
      if isEnding { break }
      wait(failures > 20 ? Supervisor.longPause : pause(choice.mode, isGood: isGood))
    }
    return 0
  }

  private func pause(_ mode: BootMode, isGood: Bool) -> Interval {
    switch mode {
    case .safe: isGood ? Supervisor.shortPause : Supervisor.longPause
    case .full: wasReady ? Supervisor.shortPause : Supervisor.failedPause
    case .trial: Supervisor.shortPause
    }
  }

  // MARK: What is known

  private func look() {
    // The program in the slot has its own things to write while it runs: what is newer than what we
    // know counts, also where the disk has not taken ours.
    let found = slots.generation
    if !isOnDisk, found <= generation { return }
    isOnDisk = true
    generation = found
    state = slots.bootState
    current = slots.current
  }

  /// The link before the state: found between them, the rest follows from what was counted.
  private func write(_ choice: BootChoice) {
    var isWritten = true
    if let slot = choice.current, slot != current {
      current = slot
      do throws(DiskFault) { try slots.point(to: slot) } catch {
        isWritten = false
        log("current is not written: \(error)")
      }
    }
    if choice.state != state || !isOnDisk {
      if choice.state.cause != state?.cause {
        log("cause: " + String(decoding: choice.state.cause.code.bytes, as: UTF8.self))
      }
      isWritten = save(choice.state) && isWritten
    }
    isOnDisk = isWritten
  }

  private func save(_ new: BootState) -> Bool {
    state = new
    do throws(DiskFault) {
      try slots.save(new)
      generation = slots.generation
      return true
    } catch {
      // A disk that takes nothing is no reason to start nothing.
      log("the state is not written: \(error)")
      return false
    }
  }

  // MARK: A program

  /// One run of a slot's program; whether it was a good one.
  private func serve(_ slot: SlotName, _ mode: BootMode) -> Bool {
    let name = String(decoding: slot.text.bytes, as: UTF8.self)
    let path = disk.path(slot.text) + "/posd"
    var arguments = options.arguments
    if let argument = mode.argument {
      arguments.append(String(decoding: argument.bytes, as: UTF8.self))
    }
    let environment =
      Program.environment(without: ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) + [
        "NOTIFY_SOCKET=" + socket.name, "POSD_SLOT=" + name, "POSD_SLOTS=" + options.slots,
        "WATCHDOG_USEC=\(options.silenceLimit.microseconds)",
      ]
    while socket.next() != nil {}
    log("start \(name) \(mode)")
    guard let program = Program(path, arguments, environment, keeping: lock) else {
      wasReady = false
      log("\(path) is not started: \(errno)")
      wait(Supervisor.longPause)
      return false
    }
    let run = follow(program)
    log("end \(name): \(run.text)")
    wasReady = run.isReady
    look()
    return count(run, mode)
  }

  /// What is known of a run that has ended.
  private struct Run {
    var isReady = false
    var wasSilent = false
    /// It ended because it wanted to, or was told to.
    var isOrderly = false
    var lasted = Interval.zero
    var text = ""
  }

  private func follow(_ program: Program) -> Run {
    var run = Run()
    let began = Supervisor.now
    var due = began + options.readyLimit
    var isTold = false
    while true {
      poll(until: due)
      for text in messages() {
        for line in text.split(separator: "\n") {
          if line == "READY=1" { run.isReady = true }
          if line == "READY=1" || line == "WATCHDOG=1", !isTold {
            due = Supervisor.now + options.silenceLimit
          }
        }
        pass(on: text)
      }
      let now = Supervisor.now
      if let end = program.ended() {
        run.lasted = now - began
        switch end {
        case .code(let code):
          run.text = "code \(code)"
          run.isOrderly = isTold || code == Supervisor.restartCode && run.isReady
        case .signal:
          run.text = run.wasSilent ? "silent" : "signal"
          run.isOrderly = isTold && !run.wasSilent
        }
        return run
      }
      if isEnding, !isTold {
        isTold = true
        socket.tell("STOPPING=1")
        due = now + Supervisor.endLimit
        program.send(SIGTERM)
      } else if now >= due {
        run.wasSilent = !isTold
        program.send(SIGKILL)
        due = now + Supervisor.endLimit
      }
    }
  }

  /// What the program says is said to systemd too, but for its ending: that is not the
  /// supervisor's, which would be killed in the middle of the next version's start.
  private func pass(on text: String) {
    let lines = text.split(separator: "\n").filter { line in
      ["READY=1", "WATCHDOG=1"].contains(line) || line.hasPrefix("STATUS=")
    }
    if !lines.isEmpty { socket.tell(lines.joined(separator: "\n")) }
  }

  /// Counts a run that went wrong. In everyday service that is one that was never ready: a program
  /// that falls over later is started again, and it is for a trial to notice that it does.
  private func count(_ run: Run, _ mode: BootMode) -> Bool {
    guard var next = state else { return run.isOrderly }
    if run.isReady, mode == .full { next.noteGoodStart() }
    if !run.isOrderly, mode == .trial || !run.isReady {
      next.noteFailedStart(mode, wasReady: run.isReady, wasSilent: run.wasSilent)
    }
    if next != state { isOnDisk = save(next) }
    return run.isOrderly || run.lasted >= Supervisor.goodRun
  }

  private func messages() -> [String] {
    var all: [String] = []
    while all.count < 64, let text = socket.next() { all.append(text) }
    return all
  }

  // MARK: Waiting

  static var now: Instant {
    var time = timespec()
    unsafe _ = clock_gettime(CLOCK_BOOTTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  private func wait(_ interval: Interval) {
    let due = Supervisor.now + interval
    while !isEnding, Supervisor.now < due { poll(until: due) }
  }

  /// Until something comes, at most until then.
  private func poll(until due: Instant) {
    var polled = [
      pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
      pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0),
    ]
    let rest = max(0, min(60_000, ((due - Supervisor.now).microseconds + 999) / 1_000))
    unsafe _ = Glibc.poll(&polled, 2, Int32(rest))
    var about = signalfd_siginfo()
    while unsafe read(signals, &about, MemoryLayout<signalfd_siginfo>.size) > 0 {
      if Int32(about.ssi_signo) != SIGCHLD { isEnding = true }
    }
  }

  private func takeSignals() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in [SIGTERM, SIGINT, SIGHUP, SIGCHLD] { unsafe sigaddset(&set, signal) }
    unsafe _ = sigprocmask(SIG_BLOCK, &set, nil)
    signals = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
  }

  /// Two supervisors would count for each other. The program holds the lock too, so one that has
  /// outlived its supervisor is waited for. Where no lock can be made there is none.
  private func takeLock() {
    let path = options.slots + "/lock"
    lock = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    if lock < 0 { lock = unsafe open(path, O_RDONLY | O_CLOEXEC) }
    if lock < 0 { return log("there is no lock: \(errno)") }
    let due = Supervisor.now + Supervisor.lockLimit
    while flock(lock, LOCK_EX | LOCK_NB) != 0 {
      if Supervisor.now >= due { return log("the lock is not given up") }
      wait(.milliseconds(20))
      if isEnding { return }
    }
  }
}
