/// Why nothing can be saved at the moment.
public struct Outage: Sendable, Equatable {
  /// What has to be done about it depends on this.
  public enum Kind: Sendable {
    /// The file is no longer the one that was opened: it was deleted, moved or overwritten. Nothing is saved until it is back
    /// in its place or the server is restarted.
    case moved
    /// The database does not answer at its address, or refuses the connection.
    case outOfReach
    /// The database, its disk or its role does not allow writing.
    case readOnly
    /// The database's disk is full.
    case full
    /// Anything else: the database is locked or damaged, or too much is waiting.
    case failing
  }

  /// `failing` if nothing better is known.
  public var kind: Kind
  /// What happened, in the database's words if it gave any.
  public var what: String

  /// - Parameter what: in the database's words if it gave any.
  public init(_ what: String, _ kind: Kind = .failing) { (self.what, self.kind) = (what, kind) }
}

/// Why something was not recorded.
public enum RecordsError: Error, Sendable, Equatable {
  /// The step has been answered, under another key.
  case alreadyAnswered
  /// The step before it has not been answered.
  case outOfOrder
  /// More was refused in this session than can be kept.
  case tooMany
  /// The newcomer has already finished a session, and the study lets nobody take part twice.
  case alreadyFinished
  /// Newcomers are turned away for now.
  case closed
  /// Every place is taken by somebody who is taking part at the moment.
  case taken
  /// As many listeners as wanted have finished, or the group is full.
  case full
  /// The listener has withdrawn.
  case withdrawn
  /// The database failed, or too much is waiting. Nothing was acknowledged; a later try may succeed.
  case unavailable(Outage)
  /// The session was deleted.
  case gone

  /// Whether the database failed, rather than a single change.
  var isOfStorage: Bool {
    if case .unavailable = self { true } else { false }
  }
}

extension RecordsError: CustomStringConvertible {
  /// The message that a command prints.
  public var description: String {
    switch self {
    case .alreadyAnswered: "the step has already been answered, under another key"
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
