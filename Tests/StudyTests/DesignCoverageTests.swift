import Basics
import Study
import Testing

@Suite("What a design asks of its listeners")
struct DesignCoverageTests {
  @Test("totals agree with the plans", arguments: 0..<20)
  func sums(number: Int) {
    let random = RandomDesign(number)
    let coverage = DesignCoverage(random.design, participants: 17)
    let main = (1...17).flatMap { random.main($0) }
    #expect(coverage.items.reduce(0) { $0 + $1.shown } == main.count)
    #expect(coverage.candidates.reduce(0) { $0 + $1.shown } == main.reduce(0) { $0 + $1.candidates.count })
    #expect(coverage.positions.reduce(0) { $0 + $1.shown } == main.reduce(0) { $0 + $1.candidates.count })
    #expect(coverage.positions.reduce(0) { $0 + $1.reference } == main.count)
    #expect(coverage.positions.allSatisfy { $0.most - $0.least <= 2 })
    #expect(coverage.session.main == random.perParticipant)
  }

  @Test("a session's length counts trials, questionnaire, headphone check and two minutes of reading")
  func minutes() {
    var definition = StudyDefinition()
    definition.trials.training = 0
    definition.trials.repeats = 0
    definition.trials.catches = 0
    definition.trials.secondsPerCandidate = 5
    definition.headphones.trials = 6
    definition.questionnaire = [StudyDefinition.Question()]
    let item = StudyDesign.Item(query: "q", condition: "", candidates: [PlannedCandidate("a"), PlannedCandidate("b")])
    let design = StudyDesign(definition: definition, version: "v", items: [item], stimuli: [])
    let seconds = 10.0 + 8 + 48 + 120
    #expect(design.expectedMinutes() == seconds / 60)
  }
}
