import HTTP
import Records

extension Refusal {
  static let unknownToken = Refusal(
    404, "unknown_token", "This link does not open a session.",
    mend: "Use the exact link that you were given.")

  static let unknownCode = Refusal(
    404, "unknown_code", "This code does not open a session.", mend: "Compare it with the one that you were shown.")

  static let studyChanged = Refusal(
    409, "study_changed", "The study was changed after this session began, so the session cannot continue.",
    mend: "All your answers are kept. Please ask the experimenter for a new link.")

  static let deleted = Refusal(
    404, "deleted", "This participant is not there: somebody has deleted their data.", mend: "Load the page again.")

  static let closed = Refusal(
    403, "closed", "This study is not taking new participants at the moment.", mend: "Please come back later.")

  static let taken = Refusal(
    403, "places_taken", "All places of this study are taken at the moment.",
    mend: "Come back later: a place may become free.")

  static let full = Refusal(
    403, "quota_full", "This study has all the listeners that it needs.",
    mend: "There is nothing left to do. Thank you for coming.")

  static let needsID = Refusal(
    403, "id_required", "This link does not say who you are.",
    mend: "Use the exact link that you were given.")

  static let notInvited = Refusal(
    403, "not_invited", "This link does not contain an invitation.", mend: "Use the exact link that you were given.")

  static let withdrawn = Refusal(
    403, "withdrawn", "You have stopped taking part, so no more answers are accepted.",
    mend: "There is nothing left to do.")

  static let notSo = Refusal(
    409, "not_so", "The study is no longer in that state.", mend: "Load the first page again.")

  static func tooFast(_ seconds: Int) -> Refusal {
    Refusal(
      429, "too_many_joins", "Too many people have started from this address within a minute.",
      mend: "Try again in \(seconds) s.", retry: true, headers: [Header("Retry-After", String(seconds))])
  }

  static let consentRequired = Refusal(
    422, "consent_required", "Taking part needs consent.", mend: "Send \"consent\": true.")

  static let alreadyFinished = Refusal(
    409, "already_finished", "You have already taken part in this study, and all your answers are saved.",
    mend: "There is nothing left to do. Thank you for your time.")

  static let screenedOut = Refusal(
    403, "screened_out", "You can take part in this study only with headphones.",
    mend: "There is nothing left to do. Thank you for your time.")

  static let alreadyAnswered = Refusal(
    409, "already_answered", "This step has already been answered.", mend: "Continue with the next step.")

  static let outOfOrder = Refusal(
    409, "out_of_order", "The step before this one has not been answered.", mend: "Answer the steps in order.")

  /// Nothing can be saved, as told to listeners and monitoring programs: that, and no details.
  static func unavailable(_ outage: Outage) -> Refusal {
    let why =
      switch outage.kind {
      case .moved: ", since its database was moved"
      case .outOfReach: ", since its database is out of reach"
      case .readOnly: ", since its database can only be read"
      case .full: ", since the disk of its database is full"
      case .failing: ""
      }
    return Refusal(
      503, outage.kind == .moved ? "saving_stopped" : "unavailable",
      "The server cannot save at the moment\(why). None of this was stored.",
      mend: "Keep this page open; it continues once the server works again.", retry: true,
      headers: [Header("Retry-After", "3")])
  }

  /// The same for the experimenter, with details.
  static func saving(_ outage: Outage) -> Refusal {
    let mend =
      switch outage.kind {
      case .moved: "Put the file back, or stop the server, restore a backup and start it again."
      case .outOfReach: "Check that the database is up and accepts connections from this server."
      case .readOnly: "Make sure that the database, its disk and its role allow writing."
      case .full: "Make room on the disk of the database."
      case .failing: "Look at the logs of the server and of the database."
      }
    return Refusal(
      503, outage.kind == .moved ? "saving_stopped" : "unavailable", "Nothing is being saved: \(outage.what).",
      mend: "\(mend) Browsers keep what is not saved.", retry: true, headers: [Header("Retry-After", "3")])
  }

  static let diskFull = Refusal(
    503, "disk_full", "The disk of the data folder is nearly full.", mend: "Make room.", retry: true,
    headers: [Header("Retry-After", "30")])

  static let experimenterOnly = Refusal(
    401, "experimenter_only", "This page is the experimenter's.",
    mend: "Sign in with the secret in the file 'secret' of the study's data folder, or with your name and password.")

  static let wrongPassword = Refusal(
    401, "wrong_password", "The name and the password do not match.", mend: "Try again, or ask whoever added you.")

  static let ownerOnly = Refusal(
    403, "owner_only", "You may look at this study, but not change it.", mend: "Ask an owner of the study.")

  static func tooManyTries(_ seconds: Int) -> Refusal {
    Refusal(
      429, "too_many_tries", "There were too many wrong attempts from this address.",
      mend: "Try again in \(seconds) s.",
      retry: true, headers: [Header("Retry-After", String(seconds))])
  }

  static let noReport = Refusal(
    404, "no_report", "Reports cannot be made here.", mend: "Use 'earshot export' and 'earshot analyze'.")

  static let jsonExpected = Refusal(
    415, "json_expected", "The body must be JSON.", mend: "Send Content-Type: application/json.")

  static func badJSON(_ why: String) -> Refusal {
    Refusal(400, "bad_json", "The request's body is not the expected JSON: \(why).", mend: "Fix the body.")
  }

  /// The request can be read, but what it says cannot be stored.
  static func invalid(_ what: String, mend: String) -> Refusal { Refusal(422, "invalid", what, mend: mend) }

  /// Turns errors of the records into refusals for a client.
  static func of(_ error: any Error) -> Refusal? {
    switch error as? RecordsError {
    case .alreadyAnswered: alreadyAnswered
    case .outOfOrder: outOfOrder
    case .tooMany:
      invalid(
        "Too many answers of this session have already been refused.", mend: "Keep it, and tell the experimenter.")
    case .alreadyFinished: alreadyFinished
    case .closed: closed
    case .taken: taken
    case .full: full
    case .withdrawn: withdrawn
    case .unavailable(let outage): unavailable(outage)
    case .gone: unknownToken
    case nil: nil
    }
  }
}
