/// Why nothing is saved just now.
public struct Outage: Sendable, Equatable {
  /// What has to be done about it depends on this.
  public enum Kind: Sendable {
    /// The file is no longer the one that was opened: it was deleted, moved or written over. Nothing is saved until it is
    /// back in its place, or the server is started anew.
    case moved
    /// Nobody answers at the database's address, or nobody is let in.
    case outOfReach
    /// The database, its disk or its role takes nothing.
    case readOnly
    /// There is no room where the database writes.
    case full
    /// Anything else: it is locked, or damaged, or too much is waiting.
    case failing
  }

  public var kind: Kind
  /// What happened, in the database's words where it has said something.
  public var what: String

  public init(_ what: String, _ kind: Kind = .failing) { (self.what, self.kind) = (what, kind) }
}

/// Why something was not recorded.
public enum RecordsError: Error, Sendable, Equatable {
  /// The step has been answered, under another key.
  case alreadyAnswered
  /// The step before it has not been answered.
  case outOfOrder
  /// More was refused in this session than is kept.
  case tooMany
  /// The newcomer has finished a session, and the study lets nobody take part twice.
  case alreadyFinished
  /// Newcomers are turned away for now.
  case closed
  /// Every place is taken by somebody who is under way.
  case taken
  /// All the listeners that are wanted have finished, or the group has as many as it may have.
  case full
  /// The listener has withdrawn.
  case withdrawn
  /// The database failed, or too much is waiting. Nothing was acknowledged; a later try may succeed.
  case unavailable(Outage)
  /// The session was deleted.
  case gone

  /// Whether the database failed, and not one change.
  var isOfStorage: Bool {
    if case .unavailable = self { true } else { false }
  }
}

extension RecordsError: CustomStringConvertible {
  /// As a command tells it.
  public var description: String {
    switch self {
    case .alreadyAnswered: "the step has been answered, under another key"
    case .outOfOrder: "the step before it has not been answered"
    case .tooMany: "more answers were refused in this session than are kept"
    case .alreadyFinished: "this person has finished, and the study does not allow anyone to take part twice"
    case .closed: "newcomers are turned away for now"
    case .taken: "every place is held by somebody who is taking part"
    case .full: "as many listeners as wanted have finished"
    case .withdrawn: "the listener has withdrawn"
    case .unavailable(let outage) where outage.kind == .moved:
      "the records are not where they should be: \(outage.what)"
    case .unavailable(let outage):
      "the records cannot be reached: \(outage.what)\n  Check that the database is up and the disk has room, and try again: everything acknowledged is kept."
    case .gone: "the session was deleted"
    }
  }
}
