import Library
import Testing

/// Real names from the packages, with their folders.
@Suite("Which drum a name refers to")
struct NamingRuleTests {
  @Test(
    "kicks",
    arguments: [
      ("808_Kick_Long", "TR808EmulationKit"), ("Kick-Softest", "GMRockKit"), ("bassdrum03", "drums"),
      ("bassdrum_acoustic01", "drums"), ("kick_hardcore01", "drums"), ("bd_808", "samples"), ("bd_boom", "samples"),
      ("elec_hollow_kick", "samples"), ("drum_heavy_kick", "samples"), ("drum_bass_hard", "samples"),
      ("EE_Kick_Nz", "ElectricEmpireKit"), ("PowR_BD_1", "HardElectro1"), ("VP Kick 2", "VariBreaks"),
      ("bassdrum-4mics-br-stereo-soft4", "ColomboAcousticDrumkit"), ("PearlKick-Med", "The Black Pearl 1.0"),
      ("07", "Kicks"),
    ])
  func kick(file: String, folder: String) {
    #expect(NamingRule.condition(file: file, folder: folder) == .kick)
  }

  @Test(
    "snares",
    arguments: [
      ("808_Snare_1", "TR808EmulationKit"), ("Snare-Hardest", "GMRockKit"), ("snare_hiphop02", "drums"),
      ("nasty_snare01", "drums"), ("sn_dolf", "samples"), ("drum_snare_soft", "samples"),
      ("elec_filt_snare", "samples"), ("snare-chili", "data"), ("jsnare_03", "Millo_MultiLayered2"),
      ("sd_04", "Millo_MultiLayered3"), ("SnareOff-2", "ForzeeStereo"), ("SN_08", "BJA_Pacific"),
      ("12", "Snare Drums"),
    ])
  func snare(file: String, folder: String) {
    #expect(NamingRule.condition(file: file, folder: folder) == .snare)
  }

  @Test(
    "hi-hats",
    arguments: [
      ("808_Hat_Pedal", "TR808EmulationKit"), ("HatSemiOpen-Hard", "GMRockKit"), ("hihat_opened02", "drums"),
      ("hihat_foot_pedal01", "drums"), ("drum_cymbal_closed", "samples"), ("drum_cymbal_pedal", "samples"),
      ("hihat_04", "audio"), ("EE_Hat_Op_Phaser", "ElectricEmpireKit"), ("Hard_CHH_02", "HardElectro1"),
      ("Hard_Hse_OHH_1", "HardElectro1"), ("closehihat3", "Millo-Drums_v.1"), ("openhat2", "Millo-Drums_v.1"),
      ("hhclosed_05", "Millo_MultiLayered2"), ("hh_p", "Millo_MultiLayered3"), ("HiHatFoot-3", "ForzeeStereo"),
      ("HH2_08", "BJA_Pacific"), ("SabianHatSwish-Soft", "The Black Pearl 1.0"), ("VP Hat 1 Cl", "VariBreaks"),
      ("CH 01", "pack"), ("OH", "pack"), ("3", "hi-hats closed"),
    ])
  func hihat(file: String, folder: String) {
    #expect(NamingRule.condition(file: file, folder: folder) == .hihat)
  }

  @Test(
    "other drums, loops and anything else",
    arguments: [
      ("SnareRimshot-Med", "GMRockKit"), ("snare_rim01", "drums"), ("SideStick-Hard", "GMRockKit"),
      ("808_Clap", "TR808EmulationKit"), ("HandClap", "GMRockKit"), ("808_Tom_Mid", "TR808EmulationKit"),
      ("elec_fuzz_tom", "samples"), ("TomFloor-Soft", "GMRockKit"), ("24Ride-3", "GMRockKit"),
      ("Crash-Hard", "GMRockKit"), ("drum_cymbal_hard", "samples"), ("elec_cymbal", "samples"),
      ("808_Cymbal", "TR808EmulationKit"), ("Cowbell-Med", "GMRockKit"), ("drum_roll", "samples"),
      ("rave_kick01", "beats"), ("rave_hihat02", "beats"), ("loop_breakbeat", "samples"), ("bass_hit_c", "samples"),
      ("glitch_bass_g", "samples"), ("nasty_bass01", "drums"), ("emptySample", "Millo-Drums_v.1"),
      ("kick_snare", "pack"), ("what", "pack"), ("chat", "pack"), ("clap07", "Snares"), ("ambi_swoosh", "samples"),
    ])
  func none(file: String, folder: String) {
    #expect(NamingRule.condition(file: file, folder: folder) == nil)
  }

  @Test(
    "a kit's table names the instrument, and the file's name may only contradict it",
    arguments: [
      ("c3 - bass drum 1", "beats_06-38", DrumClass.kick), ("d3 - snare 1", "beats_01-21", .snare),
      ("f#3 - hi-hat closed", "beats_09-10", .hihat), ("Open HH", "ho_01", .hihat), ("Side OHH", "PowR_HH_2", .hihat),
      ("Kick (Tama Superstar 22\")", "Kick-0", .kick), ("Kick 1", "HardHse_K_02", .kick),
      ("Snare Jazz", "124382__cubix__8bit-snare", .snare), ("Hi Hat Free", "HH3_05", .hihat),
      ("Kick", "86335__zgump__tom-0105", nil), ("Snare Roll", "SN3_04", nil), ("Stick", "rs_01", nil),
      ("Snare1", "snare-opaque-normal-mic-rimshot7", nil), ("17", "emptySample", nil),
      ("Snare 2 Rimshot (Pearl Free Floating Maple 14x3.5)", "SnareOffRim-0", nil), ("f#4 - ", "beats_06-45", nil),
    ] as [(String, String, DrumClass?)])
  func kit(instrument: String, file: String, condition: DrumClass?) {
    #expect(NamingRule.condition(instrument: instrument, file: file, folder: "kit") == condition)
  }

  @Test(
    "tags",
    arguments: [
      (["TR808EmulationKit", "Kick Long", "808_Kick_Long"], "808 electronic vintage"),
      (["drums", "", "snare_acoustic01"], "acoustic"), (["drums", "", "kick_hiphop01"], "hip-hop"),
      (["samples", "", "bd_haus"], "electronic"), (["Audiophob", "Snare Jazz", "8bit-snare"], "acoustic glitch lo-fi"),
      (["My Lo-Fi Kit", "", "kick"], "lo-fi"), (["samples", "", "bd_boom"], "impact"),
      (["Glitch", "", "snare room"], "glitch wet"), (["drums", "", "kick01"], ""),
    ])
  func tags(names: [String], tags: String) {
    #expect(TagRule.tags(names).joined(separator: " ") == tags)
  }

  @Test("a kit's tags are added to those of the names, each once")
  func kitTags() {
    #expect(TagRule.tags(["bd_808"], kit: ["electronic", "beatbox"]) == ["808", "electronic", "vintage", "beatbox"])
  }
}
