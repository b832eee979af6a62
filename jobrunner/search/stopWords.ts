/**
 * English words that say nothing about a passage: the Snowball project's stop list, with the pieces that are left of
 * contractions, and the question frame ("how do I …") that a search is often put in. In a library of few passages
 * such words are rare enough for BM25 to weigh them like content.
 */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `i me my myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it
its itself they them their theirs themselves what which who whom whose this that these those am is are was were be
been being have has had having do does did doing done would should could ought can cannot will shall may might must
a an the and but if or because as until while of at by for with about against between into through during before
after above below to from up down in out on off over under again further then once here there when where why how all
any both each few more most other some such no nor not only own same so than too very just also among per without
s t d m re ve ll don doesn didn isn aren wasn weren hasn haven hadn won wouldn shouldn couldn mustn
get got make made let want need use used using work works happen happens many much one somebody someone something
anybody anyone anything please tell show explain`.split(/\s+/),
);
