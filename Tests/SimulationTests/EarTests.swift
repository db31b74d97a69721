import Basics
import Foundation
import Simulation
import Study
import Testing
import Trials

@Suite("Simulated ears and listeners")
struct EarTests {
  /// The default scale, a slider from 0 to 100.
  let study = StudyDefinition()

  func ratings(_ listener: SimulatedListener, trial: Int = 1, of similarities: [Double]) -> [Int] {
    let heard = listener.heard(
      trial: trial, query: "q", condition: "kick", sounds: similarities.indices.map { "s\($0)" },
      similarities: similarities)
    return Similarity().answer(hearing: heard, in: study.runs[0]).ratings?.map(\.rating) ?? []
  }

  @Test("a listener without noise rates in the true order")
  func steady() {
    var population = SimulatedListener.Population()
    (population.noise, population.taste, population.lapses) = (0, 0, 0)
    for number in 1...50 {
      let listener = SimulatedListener(number: number, population: population, seed: 3)
      let heard = ratings(listener, of: [0.1, 0.3, 0.5, 0.7, 0.9])
      #expect(heard == heard.sorted())
    }
  }

  @Test("the same seed and number give the same listener; another trial gets other noise")
  func seeded() {
    let population = SimulatedListener.Population()
    let similarities = (0..<8).map { Double($0) / 8 }
    let one = SimulatedListener(number: 4, population: population, seed: 9)
    let same = SimulatedListener(number: 4, population: population, seed: 9)
    let other = SimulatedListener(number: 5, population: population, seed: 9)
    #expect(ratings(one, of: similarities) == ratings(same, of: similarities))
    #expect(ratings(one, of: similarities) != ratings(other, of: similarities))
    #expect(ratings(one, of: similarities) != ratings(one, trial: 2, of: similarities))
  }

  @Test("lapses and drop-outs are as frequent as stated")
  func rates() {
    var population = SimulatedListener.Population()
    population.dropOut = 0.2
    let leaving = (1...2000).count { number in
      SimulatedListener(number: number, population: population, seed: 1).leaves(before: 1)
    }
    // Binomial with mean 400 and standard deviation 17.9; the limit is five of these.
    #expect(abs(leaving - 400) < 90)
  }

  func design(reference: String?) -> StudyDesign {
    let item = StudyDesign.Item(
      query: "q", condition: "kick", reference: reference,
      candidates: [PlannedCandidate("a"), PlannedCandidate("b"), PlannedCandidate("ref", isReference: true)],
      catchCandidates: [])
    return StudyDesign(definition: StudyDefinition(), version: "v", items: [item], stimuli: [])
  }

  @Test("an acoustic ear hears the true sample as the same, and a farther candidate as less alike")
  func acoustic() throws {
    let ear = try Ear.acoustic(design(reference: "ref"), features: ["a": [1, 0], "b": [3, 0], "ref": [0, 0]])
    // The pool's distances above zero are 1 and 3, and their upper median is 3.
    #expect(ear.similarity(query: "q", condition: "kick", candidate: "ref") == 1)
    #expect(ear.similarity(query: "q", condition: "kick", candidate: "a") == exp(-1.0 / 3))
    #expect(ear.similarity(query: "q", condition: "kick", candidate: "b") == exp(-1.0))
    #expect(ear.similarity(query: "q", condition: "snare", candidate: "b") == nil)
  }

  @Test("an ear that cannot know the truth says so")
  func unknown() {
    #expect(throws: Problems.self) { try Ear.acoustic(design(reference: nil), features: [:]) }
    #expect(throws: Problems.self) { try Ear.acoustic(design(reference: "ref"), features: ["ref": [0]]) }
  }
}
