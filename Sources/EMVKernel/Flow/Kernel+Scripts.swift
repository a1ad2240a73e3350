// SPDX-License-Identifier: Apache-2.0

// Issuer scripts (EMV 4.4 Book 3, 10.10, Annex E; Book 4, 6.3.9, 12.2.4): every command goes to the
// card, known here or not; a failed one stops its own script and no other.

extension Kernel {
  mutating func startScripts(preliminary: Bool) -> [Effect] {
    session.arePreliminary = preliminary
    session.scriptIndex = 0
    session.commandIndex = 0
    return runScripts()
  }

  private mutating func runScripts() -> [Effect] {
    while session.scriptIndex < session.scripts.count {
      let script = session.scripts[session.scriptIndex]
      if script.isPreliminary == session.arePreliminary {
        session.data.tsi.insert(.scripts)
        if !script.isSound {
          finishScript(.notPerformed)
        } else if session.commandIndex < script.commands.count {
          return send(script.commands[session.commandIndex], .scriptCommand)
        } else {
          finishScript(.successful)
        }
      }
      session.scriptIndex += 1
      session.commandIndex = 0
    }
    return session.arePreliminary ? concludeOnline() : complete()
  }

  mutating func takeScriptAnswer(_ response: CardResponse) -> [Effect] {
    session.commandIndex += 1
    switch response.status.first {
    case 0x90, 0x62, 0x63: break
    default:
      finishScript(.failed(command: session.commandIndex))
      session.scriptIndex += 1
      session.commandIndex = 0
    }
    return runScripts()
  }

  /// Appends a result; what is not wholly done sets the bit of its phase.
  private mutating func finishScript(_ progress: ScriptResult.Progress) {
    session.scriptResults.append(
      ScriptResult(progress, identifier: session.scripts[session.scriptIndex].identifier))
    if progress != .successful {
      session.data.tvr.insert(session.arePreliminary ? .scriptFailedBefore : .scriptFailedAfter)
    }
  }

  /// The card fell silent in the middle of a script: the unanswered command counts as failed, and
  /// what is behind it as not performed.
  mutating func breakScripts() {
    finishScript(.failed(command: session.commandIndex + 1))
    session.scriptIndex += 1
    while session.scriptIndex < session.scripts.count {
      let isOfPhase =
        session.scripts[session.scriptIndex].isPreliminary == session.arePreliminary
      if session.arePreliminary || isOfPhase { finishScript(.notPerformed) }
      session.scriptIndex += 1
    }
  }
}
