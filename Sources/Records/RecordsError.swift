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
  /// The disk is full, the database locked or out of reach, or too much is waiting. Nothing was acknowledged; a later try
  /// may succeed.
  case unavailable(String)
  /// The database is no longer the file that was opened: it was deleted, moved or written over. Nothing is saved until
  /// it is back in its place, or the server is started anew.
  case displaced(String)
  /// The session was deleted.
  case gone

  /// Whether the database failed, and not one change.
  var isOfStorage: Bool {
    switch self {
    case .unavailable, .displaced: true
    default: false
    }
  }
}

extension RecordsError: CustomStringConvertible {
  /// As a command tells it.
  public var description: String {
    switch self {
    case .alreadyAnswered: "the step has been answered, under another key"
    case .outOfOrder: "the step before it has not been answered"
    case .tooMany: "more was refused in this session than is kept"
    case .alreadyFinished: "this person has finished, and the study lets nobody take part twice"
    case .closed: "newcomers are turned away for now"
    case .taken: "every place is taken by somebody who is under way"
    case .full: "all the listeners that are wanted have finished"
    case .withdrawn: "the listener has withdrawn"
    case .unavailable(let why):
      "the records are out of reach: \(why)\n  Check that the database is up and the disk has room, and try again: what was acknowledged is kept."
    case .displaced(let why): "the records are not in their place: \(why)"
    case .gone: "the session was deleted"
    }
  }
}
