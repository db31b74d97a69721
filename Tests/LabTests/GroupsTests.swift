import Basics
import Foundation
import Records
import RecordsSQLite
import Study
import TestSupport
import Testing

@Suite("Groups of listeners, and several blocks of one type")
struct GroupsTests {
  /// Two blocks of category ratings, one for each group, and a third for all listeners.
  private static func study(perGroup: Int? = nil) throws -> SmallStudy {
    try SmallStudy(
      { definition in
        definition.groups = ["a", "b"]
        definition.joining.perGroup = perGroup
        definition.headphones.check = false
        definition.questionnaire = []
        definition.blocks = [("plain", ["a"]), ("hidden", ["b"]), ("shared", [])].map { name, groups in
          var block = StudyDefinition.Block()
          (block.name, block.type, block.groups) = (name, "acr", groups)
          block.question = ["en": "How good (\(name))?", "de": "Wie gut (\(name))?"]
          (block.trials.perParticipant, block.trials.training) = (3, 0)
          (block.trials.repeats, block.trials.catches) = (0, 0)
          return block
        }
      }, workshop: "groups")
  }

  private func session(_ study: SmallStudy, _ token: String) throws -> Session {
    try #require(try study.records.session(tokenHash: ContentHash.of(token)))
  }

  @Test("newcomers are assigned evenly or by their group's link, and get only their group's blocks")
  func dealtOut() throws {
    let study = try Self.study()
    let links: [[[String]]] = [[], [], [["group", "B"]], [], [["group", "zebra"]], []]
    let tokens = try links.map { try study.join(link: $0) }
    let sessions = try tokens.map { try session(study, $0) }
    #expect(sessions.map(\.group) == ["a", "b", "b", "a", "a", "b"])
    #expect(sessions.map(\.place) == [1, 1, 2, 2, 3, 3])
    for (token, session) in zip(tokens, sessions) {
      let own = session.group == "a" ? "plain" : "hidden", others = session.group == "a" ? "hidden" : "plain"
      let state = try study.client.get("/api/sessions/\(token)")
      #expect(state.text.contains("How good (\(own))?") && !state.text.contains(others))
      let trials = try #require(try state.json()["trials"] as? [[String: Any]])
      #expect(trials.compactMap { $0["block"] as? Int } == (own == "plain" ? [0, 0, 0, 2, 2, 2] : [1, 1, 1, 2, 2, 2]))
      let plan = study.design.plan(participant: session.place, group: session.group, seed: session.seed)
      #expect(trials.count == plan.trials.count)
    }
    let table = try study.table("participants")
    #expect(table.map { $0["group"] } == ["a", "b", "b", "a", "a", "b"])
    #expect(table[4]["link_notes"] == "there is no group 'zebra'")
    let status = try study.client.get("/lab/api/status", ["Cookie": try LabTests.cookie(study)]).json()
    let invitations = try #require(status["invitations"] as? [[String: String]])
    #expect(invitations.compactMap { $0["link"] }.filter { $0.contains("group=") } == ["?group=a", "?group=b"])
  }

  @Test("the plans of each group are as balanced as those of a whole study")
  func balance() throws {
    let design = try Self.study().design
    for group in ["a", "b"] {
      var shown: [String: Int] = [:]
      for place in 1...12 {
        for trial in design.plan(participant: place, group: group).trials where trial.block == 2 {
          shown[trial.candidates[0].candidate, default: 0] += 1
        }
      }
      let counts = shown.values
      #expect((counts.max() ?? 9) - (counts.min() ?? 0) <= 1, "\(group): \(shown)")
    }
  }

  @Test("each row names its block where several blocks have the same type")
  func names() throws {
    let study = try Self.study()
    for _ in 1...2 {
      let token = try study.join()
      for body in [["step": "volume"], ["step": "instructions"]] {
        #expect(try study.respond(token, body).status == 201)
      }
      for trial in 1...6 {
        let reply = try study.respond(token, SmallStudy.trialBody(trial, ["A"]) { _ in 4 })
        #expect(reply.status == 201, "\(reply.text)")
      }
    }
    let names = try study.table("scores").map { $0["block_name"] ?? "" }
    #expect(
      names == ["plain", "plain", "plain", "shared", "shared", "shared"] + [
        "hidden", "hidden", "hidden", "shared", "shared", "shared",
      ])
  }

  @Test("a full group admits nobody, and newcomers are turned away once all groups are full")
  func full() throws {
    let study = try Self.study(perGroup: 1)
    let first = try study.join(link: [["group", "a"]])
    #expect(try study.joining(link: [["group", "a"]]).status == 403)
    let second = try study.join()
    #expect(try session(study, first).group == "a" && session(study, second).group == "b")
    #expect(try study.joining().status == 403)
  }
}
