"""The small words of languages in Latin and Cyrillic script, by which a text's language is told.

Articles, prepositions, pronouns, auxiliaries and conjunctions: frequent in any text, rarely
borrowed, hardly ever part of a name. Written down from common grammar, in the form in which they
are compared (lower case, NFC). The languages met most often also have words of their headlines.
"""

from __future__ import annotations

ENGLISH = frozenset(
    """
    the of to and for with that is are was were be been being has have had will would could should may might can
    cannot it its he his him she her they their them we our you your this these those there which who whom whose what
    when where why how if then than as at by from on into onto over under after before during against between through
    about above below amid among despite since until till without within toward towards upon while because although
    though but not no nor or so such also only just still even yet already again ever never more most less least many
    much few some any all both each every other another own same too very an up down out off here now do does did says
    said say saying tells told calls called urges urged warns warned vows vowed seeks sought makes made takes took
    gets got gives gave goes went comes came sees saw finds found keeps kept holds held leads led meets met wins won
    loses lost kills killed dies died hits launches launched faces faced claims claimed backs backed agrees agreed
    rejects rejected accuses accused announces announced orders ordered signs signed arrives arrived lands landed
    visits visited hosts hosted heads headed ends ended begins began starts started opens opened closes closed breaks
    fires fired attacks attacked strikes struck bombs bombed shot wounded injured dead leaves left returns returned
    new old first last next former top chief leader leaders war wars peace talks truce ceasefire cease-fire deal deals
    visit trip minister ministers president prime foreign officials official government army troops forces rebels
    police court law people man men woman women child children day days week weeks month months year years today
    tomorrow yesterday early late world country countries city state states home house news live latest update updates
    big small high low good bad best worst long short right wrong hope hopes fear fears threat threats plan plans
    attack strike crisis border aid hostages hostage prisoners killing fighting following including according near far
    ahead behind back away around across along inside outside two three four five six seven eight nine ten hundred
    thousand million billion percent part group groups report reports video watch read know think want need arrive
    face receive receives received welcome welcomes welcomed meeting meetings push pushes press presses defends defend
    users user
    """.split()
)
"""Also the verbs and nouns of headlines, which often have no small word at all."""

_OF_HEADLINES = {
    "es": "tregua alto fuego guerra propuesta ministro ministra presidente visita reunión reúne reunirá llega"
    " viaja viajará rechaza acuerdo paz ataque ataques muertos heridos rehenes gobierno ejército frontera"
    " anuncia negocian negociaciones firma firman conversaciones canciller unidos países rusia ucrania",
    "fr": "trêve cessez-le-feu guerre proposition ministre président présidente visite réunion rencontre"
    " rencontrer arrive attendu rend reçoit rejette paix attaque frappes morts blessés otages gouvernement"
    " armée frontière annonce négociations pourparlers signe accord émissaire affaires étrangères russie"
    " américain israélien états-unis",
    "de": "waffenruhe waffenstillstand feuerpause krieg vorschlag minister ministerin präsident präsidenten"
    " besuch treffen trifft reist empfängt lehnt ab angriff angriffe tote verletzte geiseln regierung"
    " grenze verhandlungen gespräche gesprächen abkommen frieden außenminister außenministerin"
    " bundeskanzler russland ukrainischen",
    "it": "tregua cessate fuoco guerra proposta ministro presidente consiglio visita incontro incontra"
    " incontrare arriva vola respinge pace attacco morti feriti ostaggi governo esercito negoziati accordo"
    " firma esteri colloqui domani",
    "pt": "trégua cessar-fogo guerra proposta ministro presidente visita encontro reunião chega viaja rejeita"
    " paz ataque mortos feridos reféns governo exército fronteira negociações acordo assina assinam depois"
    " dois três",
    "nl": "bestand staakt-het-vuren oorlog voorstel buitenlandse zaken bezoek bezoekt ontmoet ontmoeting vrede"
    " aanval doden gewonden gijzelaars regering leger grens onderhandelingen overleg akkoord opnieuw"
    " zeggen",
    "pl": "rozejm rozejmu zawieszenie broni wojna wojny minister prezydent prezydenta wizyta wizytą spotkanie"
    " spotkał odrzuca propozycję pokój atak rząd wojsko granica rozmowy umowa rosja rosji ukraina ukrainy",
}

LATIN: dict[str, frozenset[str]] = {
    language: frozenset([*words.split(), *_OF_HEADLINES.get(language, "").split()])
    for language, words in {
        "es": "el la los las un una unos unas de del al y e o u que en con por para sin sobre entre hasta desde"
        " según su sus se lo le les es son fue fueron era ser está están ha han había hay como más pero"
        " también ya no ni muy esta este estos estas ese esa eso tras ante contra cuando donde quien cómo qué"
        " dice dijo años año día hoy gobierno",
        "fr": "le la les un une des du de et est sont a ont été être en dans sur sous par pour avec sans chez vers"
        " entre au aux ce cet cette ces son sa ses leur leurs il elle ils elles on nous vous qui que quoi dont"
        " où ne pas plus mais ou donc après avant contre selon comme depuis très aussi lors l' d' qu' c' n' s'"
        " j' y se fait dit ans cette aussi face",
        "de": "der die das den dem des ein eine einen einem einer eines und oder aber ist sind war waren wird"
        " werden wurde wurden hat haben hatte sein im in am an auf aus bei mit nach von vom zu zum zur über"
        " unter für gegen ohne durch um nicht auch noch nur schon mehr als wie sich es er sie wir ihr ich dass"
        " wenn will kann soll nach vor seit zwischen bis jetzt neue neuer neuen jahr jahre",
        "it": "il lo la i gli le un una uno di del dello della dei degli delle da dal dalla in nel nella nei con su"
        " sul sulla per tra fra e ed è sono era ha hanno non che chi come più anche ma se si al alla ai alle"
        " questo questa dopo prima contro senza ancora anni oggi già perché stato dice cosa l' d' dell' nell'"
        " all' un' dall' sull' c'",
        "pt": "o os a as um uma uns umas de do da dos das em no na nos nas por pelo pela para com sem sob sobre"
        " entre até e ou que se é são foi foram ser está estão tem têm há não mais mas como também já muito"
        " seu sua seus suas ao à aos às após contra quando onde diz disse anos dia este esta isso ele ela",
        "nl": "de het een en van in op te voor met aan bij uit over naar tot door om onder tegen tussen is zijn was"
        " waren wordt worden werd heeft hebben had niet geen ook nog maar of als dat die dit deze er hij zij"
        " ze we wij je ik meer na wil kan moet nieuwe jaar al zich haar hun wat",
        "sv": "och att det som en ett är av för på med till den de i om har inte från var vid han hon sig men efter"
        " under mot mellan utan ska kan vill blir nya över sin sina sitt också eller när år säger nu detta",
        "da": "og at det som en et er af for på med til den de i om har ikke fra var ved han hun sig men efter"
        " under mod mellem uden skal kan vil bliver nye over sin sine også eller når år siger nu dette blev"
        " efter jeg",
        "no": "og at det som en et er av for på med til den de i om har ikke fra var ved han hun seg men etter"
        " under mot mellom uten skal kan vil blir nye over sin sine også eller når år sier nå dette ble jeg"
        " mer",
        "fi": "ja on ei se että oli hän mutta kun myös ovat joka jos kuin mukaan jälkeen vuoden nyt tai sen hänen"
        " sitä tämä tämän ole olla voi sanoo vielä uusi jo yli vuotta",
        "pl": "i w z na do nie się że to jest są był była było o od po za przez dla ze jak ale oraz czy przed pod"
        " przy może jego jej ich już tylko tym tego który która które po roku lat nad",
        "cs": "a v na se že je to s z do o k i ale za po pro jako od bude by byl byla bylo jsou při podle který"
        " která které ve si už jeho před však také nebo roku proti",
        "sk": "a v na sa že je to s z do o k aj ale za po pre ako od bude by bol bola bolo sú pri podľa ktorý ktorá"
        " ktoré vo si už jeho pred však tiež alebo roku proti",
        "ro": "și în de la a cu pe din pentru nu că este sunt un o al ale ai care mai se sau dar după fost au către"
        " prin fără între despre această acest lui ce va anul ani",
        "hu": "a az és hogy nem is egy van volt meg már csak de ha mint azt ez után szerint még magyar lesz fel ki"
        " be el vagy miatt között akik amely ezt több",
        "tr": "ve bir bu da de için ile olarak daha en çok olan gibi sonra kadar ama ne var yok oldu etti dedi"
        " karşı göre yeni son ilk her değil ya ki üzerine arasında",
        "id": "yang dan di ke dari untuk dengan pada ini itu dalam tidak akan oleh adalah telah sudah juga karena"
        " saat bisa para atau lebih usai soal jadi ada tak kata warga tahun antara setelah seorang",
        "vi": "và của là có không được trong cho với các một những này đã người khi đến từ tại về sẽ ở ra cũng như"
        " theo vào để nhiều sau năm tổng thống nước",
        "hr": "i u na je se da su za od s do o koji koja koje kao nije će bi po iz što ili ali nakon samo više zbog"
        " prema protiv bez između biti bio bila sve godine kako",
        "sq": "të në e dhe për me një që nga është u do janë ka më si nuk por pas edhe këtë kjo ky tha prej mes"
        " shqipëri",
        "ca": "el la els les un una de del dels al i o que en amb per a sense sobre entre fins des és són va ha han"
        " no més però també ja aquest aquesta com segons contra després anys seva seu l' d' s' n' amb",
        "sw": "na ya wa kwa ni za la katika hii hiyo huo huyo kuwa yake wake baada kutoka lakini pia kama watu rais"
        " serikali mwaka nchini hao hata zaidi",
        "so": "iyo oo ka ku u waa in ay uu la soo ee ayaa aan waxaa ah kala isaga dalka madaxweynaha markii",
        "ha": "da na a ya ta su ba ne ce cikin don kan wannan shugaban sun yi aka kuma domin bayan amma kasar",
        "tl": "ang ng sa na mga at ay ni si para hindi ito may kay nang din rin pa mula dahil kung nito",
        "az": "və bir bu ilə üçün da də ki olan edib olub görə sonra kimi daha olaraq onun prezidenti haqqında",
        "et": "ja on ei et see oli ning ka kui aga oma ta mis selle pärast eesti kes või veel aasta",
        "lv": "un ir ar par no uz kas ka nav bet gan arī pēc līdz vai tika ja kā savu gada",
        "lt": "ir yra kad su į iš nuo bei kaip bet dėl už per apie buvo po tai jau metų savo ar",
        "sl": "in je na se da so za v s z od do o ki kot ni bo bi po iz kaj ali pa tudi več zaradi proti brez med"
        " bil bila",
    }.items()
}

CYRILLIC: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "ru": "и в не на что с по это как из у за от для о к до при после также был была были его их об во со или"
        " что который которые уже более года еще ещё",
        "uk": "і в не на що з та й у за від для про до при після також був була були його їх або який які вже"
        " більше року це як ще зі щодо",
        "bg": "и в не на че с се да е за от са по ще при след като до или бе беше това един която които със във срещу",
        "sr": "и у не на да је се су за од са по ће при после као до или био била то један која који против због",
        "mk": "и во не на дека со се да е за од по ќе при како до или беше тоа еден која кои ги против поради",
        "be": "і ў не на што з да за ад для пра пры пасля таксама быў была былі яго іх або які якія ўжо гэта як",
        "kk": "және бұл мен үшін деп да де бір осы туралы болып бойынша кейін",
    }.items()
}
