/// What a participant does in a session, one after the other; each is answered once.
public enum Step: Sendable, Hashable {
  case questionnaire
  case volume
  case headphones
  case instructions
  /// By its index in the plan, from 1.
  case trial(Int)

  /// As it stands in the database: a name, and the trial's index or 0.
  var stored: (name: String, trial: Int) {
    switch self {
    case .questionnaire: ("questionnaire", 0)
    case .volume: ("volume", 0)
    case .headphones: ("headphones", 0)
    case .instructions: ("instructions", 0)
    case .trial(let index): ("trial", index)
    }
  }

  /// By its name and, of a trial, its index; nil where there is no such step.
  public init?(name: String, trial: Int) {
    switch name {
    case "questionnaire": self = .questionnaire
    case "volume": self = .volume
    case "headphones": self = .headphones
    case "instructions": self = .instructions
    case "trial": self = .trial(trial)
    default: return nil
    }
  }
}
