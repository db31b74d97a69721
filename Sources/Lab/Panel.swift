/// A recruitment panel: the names that it uses in its participants' links, and how such a link is written.
struct Panel: Sendable {
  /// The value of `recruited_from`, unless the link says otherwise.
  var name: String
  var title: String
  /// The parameter that names the person, and those for the panel's study and session.
  var id: String
  var study: String?
  var session: String?
  /// What is appended to the study's address in the link for the panel.
  var link: String
  /// What the experimenter must know about it.
  var advice: String

  static let all = [
    Panel(
      name: "prolific", title: "Prolific", id: "PROLIFIC_PID", study: "STUDY_ID", session: "SESSION_ID",
      link: "?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}",
      advice: "Give it to Prolific as the study's link, unchanged: Prolific fills in the parts in braces."),
    Panel(
      name: "mturk", title: "Mechanical Turk", id: "workerId", study: "hitId", session: "assignmentId",
      link: "?workerId=${workerId}&assignmentId=${assignmentId}&hitId=${hitId}",
      advice:
        "Your HIT fills in the parts in braces. As an ExternalQuestion, give the address without anything after it: "
        + "the same names are added automatically. The study opens in its own window, not in a frame."),
    Panel(
      name: "cloudresearch", title: "CloudResearch Connect", id: "participantId", study: "projectId",
      session: "assignmentId", link: "",
      advice: "Give the address unchanged: Connect adds participantId, assignmentId and projectId automatically."),
    Panel(
      name: "sona", title: "SONA", id: "survey_code", link: "?survey_code=%SURVEY_CODE%",
      advice: "Give it to SONA as the study's URL, unchanged: SONA fills in the code."),
  ]

  /// Names of parameters are the same whatever their capitals, underscores, hyphens and dots.
  static func folded(_ parameter: String) -> String {
    parameter.lowercased().filter { !"_-.".contains($0) }
  }
}
