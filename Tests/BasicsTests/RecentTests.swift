import Basics
import Testing

@Suite("What was asked for of late")
struct RecentTests {
  @Test("what is asked for again and again stays, however much passes by")
  func used() {
    let kept = Recent<Int, String>(capacity: 20)
    for regular in 0..<9 { kept[regular] = "regular" }
    for passing in 100..<2000 {
      kept[passing] = "passing"
      for regular in 0..<9 { #expect(kept[regular] == "regular") }
    }
    #expect(kept[1999] == "passing" && kept[100] == nil)
  }

  @Test("it never holds more than its capacity, and always the half that was asked for last")
  func bounded() {
    let kept = Recent<Int, Int>(capacity: 1000) { $0 }
    for key in 0..<500 { kept[key] = 10 }
    let held = (0..<500).filter { kept[$0] != nil }
    #expect(held.count <= 100 && Set(held).isSuperset(of: 450..<500))
    kept[1] = 501
    #expect(kept[1] == nil)
    for _ in 0..<500 { kept[2] = 300 }
    #expect(kept[2] == 300 && kept[499] == 10)
  }

  @Test("what is removed is gone, and its room is free")
  func removed() {
    let kept = Recent<Int, Int>(capacity: 20)
    for key in 0..<10 { kept[key] = key }
    kept.removeAll { $0 < 5 }
    kept[9] = nil
    for key in 10..<16 { kept[key] = key }
    for key in 0..<16 { #expect(kept[key] == ((5..<9).contains(key) || key > 9 ? key : nil)) }
  }
}
