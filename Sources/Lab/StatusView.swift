import Interface
import Records
import Study
import Trials

/// `GET /lab/api/status`: how the study is going, for the experimenter only.
struct StatusView: Encodable {
  /// Who is looking.
  var me: SignedInView
  var study, studyVersion, title: String
  var trialsPerParticipant: Int
  /// Since the server was started.
  var saves, errors: Int
  /// How many seconds ago `records` was counted.
  var countedAgo: Int
  /// Why newcomers are not let in; missing if they are.
  var closed: Closed?
  /// Missing if there is no limit.
  var places: Places.Standing?
  /// What newcomers are told when they are turned away; empty if only the reason.
  var message: String
  /// The state of a disk that is nearly full.
  var diskFreeMb: Int?
  /// The report that was requested last; missing if there is none.
  var report: ReportDesk.View?
  /// The conditions as shown to listeners, by their names in the tables.
  var conditions: [String: String]
  var invitations: [InvitationView]
  /// The tables of the export that not every study has: those of answers, and the rankings.
  var tables: [String]
  var records: Overview

  init(
    _ stage: Stage, _ overview: Overview, countedAgo: Int, closed: Closed?, places: Places.Standing?, saves: Int,
    errors: Int, _ visitor: Visitor, message: String, report: ReportDesk.View?, disk: DiskWatch
  ) {
    let free = disk.free
    if disk.state != .fine { diskFreeMb = free.map { $0 >> 20 } }
    self.message = message
    self.report = report
    me = SignedInView(name: visitor.name, role: visitor.role.rawValue)
    self.countedAgo = countedAgo
    self.closed = closed
    self.places = places
    study = stage.name
    studyVersion = stage.design.version
    title = stage.definition.title
    trialsPerParticipant = stage.outline.trials
    self.saves = saves
    self.errors = errors
    let language = stage.definition.languages.first ?? ""
    conditions = Dictionary(
      stage.design.blocks.joined().map { ($0.condition, stage.conditionText($0.condition, language)) },
      uniquingKeysWith: { $1 })
    invitations = InvitationView.all(stage.definition.joining, groups: stage.definition.groups)
    let export = Export.Study(
      name: stage.name, design: stage.design, stimuli: stage.stimuliTable, rankings: stage.rankingsTable)
    tables = export.tables.map(\.name) + (export.rankings == nil ? [] : ["rankings"])
    records = overview
    records.coverage = Self.complete(overview.coverage, stage)
  }

  /// Everything that the study asks for, in its own order, including what nobody has rated; then what only earlier versions
  /// asked for.
  private static func complete(_ counted: [Coverage], _ stage: Stage) -> [Coverage] {
    struct Name: Hashable { var query, condition: String }
    var left = Dictionary(
      counted.map { (Name(query: $0.query, condition: $0.condition), $0) }, uniquingKeysWith: { $1 })
    var names: Set<Name> = []
    let asked = stage.design.blocks.joined().compactMap { item -> Coverage? in
      let name = Name(query: item.query, condition: item.condition)
      guard names.insert(name).inserted else { return nil }
      return left.removeValue(forKey: name) ?? Coverage(query: item.query, condition: item.condition)
    }
    return asked + counted.filter { left[Name(query: $0.query, condition: $0.condition)] != nil }
  }
}

/// A form of the link with which listeners are invited.
struct InvitationView: Encodable {
  /// Where they come from.
  var title: String
  /// What is appended to the study's address.
  var link: String
  var advice: String

  static func all(_ joining: StudyDefinition.Joining, groups: [String]) -> [InvitationView] {
    let keep = joining.keep.map { "\($0)=…" }
    func query(_ parts: [String]) -> String { parts.isEmpty ? "" : "?" + parts.joined(separator: "&") }
    let panels = Panel.all.map { panel in
      let more = keep.joined(separator: "&")
      let link = more.isEmpty ? panel.link : panel.link + (panel.link.isEmpty ? "?" : "&") + more
      return InvitationView(title: panel.title, link: link, advice: panel.advice)
    }
    let open = InvitationView(
      title: "Anybody", link: query(keep),
      advice:
        "Anyone who has it can take part. Add ?from=WHERE to note where listeners come from, and ?lang=de to choose the language."
    )
    let named = InvitationView(
      title: "Listeners whom you name", link: query(["\(joining.id.first ?? "id")=NAME"] + keep),
      advice:
        "Write a different name for each listener: whoever returns continues where they left off, from any browser. Make it hard to guess, since it opens the session."
    )
    let ofGroups = groups.map { group in
      InvitationView(
        title: "Anybody, for the group \(group)", link: query(["group=\(group)"] + keep),
        advice:
          "Anyone who has it is in the group \(group). Add &group=\(group) to any other link to choose the group, too; without it, newcomers join the group with the fewest listeners."
      )
    }
    guard joining.byInvitation else { return [open] + ofGroups + [named] + panels }
    let invited = InvitationView(
      title: "Single-use links", link: query(["invite=CODE"] + keep),
      advice:
        "Each link in invitations.csv, below, is for one person: add its end to the study's address. It continues the session from any browser, and opens nothing once the session is finished."
    )
    return [invited]
  }
}
