import Foundation

/// A Debian package that contains drum sounds, soundfonts or loops, and what its copyright file says about them.
///
/// The licences were taken from `/usr/share/doc/PACKAGE/copyright` in Debian 12 and are written as SPDX identifiers.
public struct SoundPackage: Sendable {
  public var name: String
  /// The licence of everything for which no kit below says otherwise.
  public var licence: String
  /// Parts of paths, and what is known about sounds whose paths contain them. The first match counts.
  var kits: [(part: String, facts: PackageFacts)] = []
  /// File names of soundfonts.
  public var soundFonts: [String] = []
  /// Parts of the paths of loops without drums.
  public var loops: [String] = []

  func facts(_ path: String) -> PackageFacts {
    kits.first { path.contains($0.part) }?.facts ?? PackageFacts(licence: licence)
  }

  /// About 52 MB to download.
  public static let demo: [SoundPackage] = [
    SoundPackage(
      name: "hydrogen-data", licence: "GPL-2.0-or-later",
      kits: [
        ("TR808EmulationKit", PackageFacts(licence: "GPL-2.0-or-later", tags: ["808", "electronic", "vintage"])),
        ("GMRockKit", PackageFacts(licence: "GPL-2.0-or-later", tags: ["acoustic"])),
      ]),
    SoundPackage(
      name: "sonic-pi-samples", licence: "CC0-1.0",
      loops: ["/loop_garzul.", "/loop_drone_g_97.", "/ambi_drone.", "/ambi_glass_hum.", "/ambi_haunted_hum."]),
    SoundPackage(name: "lmms-common", licence: "GPL-2.0-or-later", loops: ["/samples/bassloops/"]),
    SoundPackage(name: "chuck-data", licence: "GPL-2.0-or-later"),
    SoundPackage(name: "timgm6mb-soundfont", licence: "GPL-2.0-only", soundFonts: ["TimGM6mb.sf2"]),
    SoundPackage(name: "csound-soundfont", licence: "public domain", soundFonts: ["sf_GMbank.sf2"]),
  ]

  /// The demo packages, and about 330 MB more.
  public static let full: [SoundPackage] =
    demo + [
      SoundPackage(
        name: "hydrogen-drumkits", licence: "GPL-2.0-or-later",
        kits: [
          ("Audiophob/", PackageFacts(licence: "CC0-1.0", tags: ["electronic"])),
          ("BJA_Pacific/", PackageFacts(licence: "CC-BY-SA-3.0-US", tags: ["acoustic"])),
          ("ColomboAcousticDrumkit/", PackageFacts(licence: "GPL-2.0-or-later", tags: ["acoustic"])),
          ("ElectricEmpireKit/", PackageFacts(licence: "GPL-2.0-or-later", tags: ["electronic"])),
          ("ForzeeStereo/", PackageFacts(licence: "GPL-2.0-only", tags: ["acoustic"])),
          ("Gimme A Hand", PackageFacts(licence: "GPL-2.0-only", tags: ["acoustic"])),
          ("HardElectro1/", PackageFacts(licence: "GPL-2.0-or-later", tags: ["electronic"])),
          ("Millo", PackageFacts(licence: "GPL-2.0-only", tags: ["acoustic"])),
          ("The Black Pearl", PackageFacts(licence: "GPL-2.0-only", tags: ["acoustic"])),
          ("VariBreaks/", PackageFacts(licence: "GPL-2.0-or-later", tags: ["vintage"])),
          ("circAfrique", PackageFacts(licence: "CC-BY-SA-3.0", tags: ["acoustic"])),
          ("rumpf_kit", PackageFacts(licence: "CC-BY-3.0", tags: ["electronic"])),
        ]),
      SoundPackage(name: "fluid-soundfont-gm", licence: "MIT", soundFonts: ["FluidR3_GM.sf2"]),
      SoundPackage(name: "minuet-data", licence: "GeneralUser GS licence", soundFonts: ["GeneralUser-v1.47.sf2"]),
      SoundPackage(
        name: "avldrums.lv2-soundfont", licence: "CC-BY-SA-3.0",
        soundFonts: ["Black_Pearl_4_LV2.sf2", "Red_Zeppelin_4_LV2.sf2"]),
      SoundPackage(name: "denemo-data", licence: "GPL-2.0-only", soundFonts: ["A320U.sf2"]),
    ]
}
