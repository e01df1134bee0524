"""English wording. `{a|b}` is a choice; `<product>`, `<number>`, `<amount>`, `<days>` are filled in;
`<few>` is a number from 4 to 19."""

# ruff: noqa: E501 (one template a line reads best)
from __future__ import annotations

JOINER = " "
PUNCTUATION: dict[int, int] = {}

PRODUCTS = (
    "home fibre", "mobile plan", "TV box", "smart home kit", "cloud storage", "business line", "router",
    "security suite", "smart watch",
)  # fmt: skip

SUBJECTS = {
    "invoice_error": [
        "{Wrong|Incorrect} {amount|charge} on {my|the latest} {invoice|bill}",
        "{Invoice|Bill} <number> {looks wrong|is not right|query}",
        "Charged <amount> {twice|too much} for the <product>",
        "{What is|Please explain} {this fee of <amount>|position <few> on my bill}",
    ],
    "refund": [
        "{Refund|Money back} for the <product>{ still missing|}",
        "{Where is|Status of} my refund {of <amount>|<number>}?",
        "Refund {request|not received}",
        "{Returned|Sent back} the <product>, {no money yet|nothing credited}",
    ],
    "payment": [
        "{Payment|Card} {declined|did not go through|rejected}",
        "{Change of|Update my} {payment details|card}",
        "{Direct debit|Payment} for the <product>",
        "{Cannot pay|Paying} {online|by card}{, reference <number>|}",
    ],
    "connectivity": [
        "{No|Lost} {connection|internet|service} {since yesterday|again|at home|}",
        "<product> {keeps dropping|drops out|is down}",
        "{Very slow|Unstable} {connection|speed}",
        "{Offline|No signal} {again|for hours|every evening}",
    ],
    "app_failure": [
        "{App|The app} {crashes|freezes|will not open}",
        "<product>: error {code |}<number>",
        "{Nothing loads|Blank screen} {in the app|after the update}",
        "{App|Portal} {useless|broken} since {the update|version <few>}",
    ],
    "device_setup": [
        "{Help with|Cannot finish} {setting up|the setup of} the <product>",
        "<product> {will not pair|not recognised}",
        "{Installation|Setup} {question|stuck}",
        "{How do I|Where do I} {connect|install|mount} the <product>?",
    ],
    "delivery_late": [
        "{Order|Parcel} <number> {has not arrived|is late|still missing}",
        "{Where is|Tracking for} my <product>?",
        "{Delivery|Shipment} {overdue|delayed}",
        "{Still no|No sign of the} {parcel|courier|delivery}",
    ],
    "wrong_item": [
        "{Wrong|Different} {item|model} {delivered|in the box}",
        "{Received|Got} {something else|the wrong <product>}",
        "{Exchange|Swap} order <number>",
        "{Not what I ordered|This is not mine}{: <number>|}",
    ],
    "login": [
        "{Cannot|Unable to} {log in|sign in|reset my password}",
        "{Account|Profile} {locked|blocked}",
        "{Verification|Security} code {never arrives|problem}",
        "{Locked out|Password refused}{ again|}",
    ],
    "contract_change": [
        "{Change|Upgrade|Downgrade} {my|of} {plan|contract}",
        "{Question about|Ending} {the|my} {contract|notice period}",
        "{Moving house|Change of address}: <product>",
        "{Cheaper plan|Other options} for the <product>?",
    ],
    "pairing": [
        "<product> {will not pair|loses its pairing|not found by my phone}",
        "{Pairing|Bluetooth} {fails|problem}{ with the <product>|}",
        "{Cannot connect|How do I pair} the <product> {with|to} {my phone|a second phone}",
        "{Pairing code|Code} <number> {refused|expired}",
    ],
    "esim_activation": [
        "eSIM {not active|activation fails|still pending}",
        "{Activate|Activation of} the eSIM {on|of} the <product>",
        "{QR code|Profile} for the eSIM {refused|does not scan}",
        "<product> {has no number of its own|without mobile network}",
    ],
}  # fmt: skip

# Each fits both categories, so that its words don't settle the topic.
SHARED_SUBJECTS = [
    (("invoice_error", "payment"), ["{Debit|Charge} of <amount> on my card", "{Question about|Trouble with} {a charge|a debit}"]),
    (("refund", "wrong_item"), ["{Return|Returning} of order <number>"]),
    (("refund", "delivery_late"), ["{Order|Parcel} <number>: {cancel it|money back}, please"]),
    (("connectivity", "device_setup"), ["<product> {will not connect|does nothing|stays red}"]),
    (("connectivity", "app_failure"), ["<product> {not responding|does not answer|fails}"]),
    (("app_failure", "login"), ["{Stuck|Error} {at the sign-in page|after signing in}"]),
    (("login", "contract_change"), ["{Change of|New} {e-mail address|phone number|account holder}"]),
    (("delivery_late", "wrong_item"), ["{Problem|Trouble} with order <number>"]),
    (("invoice_error", "contract_change"), ["{New price|Price change} for the <product>"]),
    (("pairing", "device_setup"), ["<product> {and my phone|with a new phone}", "{Setting up|Starting} the <product>"]),
    (("pairing", "connectivity"), ["<product> {disconnects|loses connection} {all the time|every hour}"]),
    (("esim_activation", "connectivity"), ["<product>: {no network|no signal}"]),
    (("esim_activation", "contract_change"), ["New {contract|plan} for the <product> {not active|not started}"]),
]  # fmt: skip

OPENINGS = {
    "invoice_error": [
        "{My|The} {latest|last|recent} {invoice|bill} for the <product> {shows|lists|has} <amount>, {which is|that is} {not what we agreed|more than usual|clearly too much}.",
        "{You have|I have been} charged {twice|two times} for the <product>{ this month|}, {invoice|bill} <number>.",
        "There {is|seems to be} {a mistake|an error} on {invoice|bill} <number>: {an extra|an unknown} {item|fee} of <amount>.",
        "I {went through|compared} {the last|my} bills and {cannot find out|do not see} what <amount> is for.",
        "{On paper|As agreed} the <product> {costs|should cost} <amount>, {the bill says something else|but that is not what you bill}.",
        "{Somebody|Your system} {seems to have|has} {added|put} {an option|a service} I never {ordered|asked for} on bill <number>.",
    ],
    "refund": [
        "{I am|We are} {waiting for|owed} a refund of <amount> for the <product>{, reference <number>|}.",
        "I {returned|sent back} the <product> {weeks ago|last month|some time ago} and {have not seen|am still missing} the {money|refund}.",
        "{According to|As} your {colleague|chat} {told me |}the refund <number> {was issued|had been sent}, {but nothing arrived|but my bank has nothing}.",
        "{When|By when} {can I count on|will I get} the <amount> {back|that you owe me} for the <product>?",
        "{Only part|Half} of the {money|refund} for the <product> {came|has been credited}, {<amount> is missing|the rest is missing}.",
    ],
    "payment": [
        "My {card|payment} for the <product> was {declined|rejected|refused}{, although there is enough money|}.",
        "I {would like to|need to|want to} {change|update} {the card|the bank account} {you charge|on file} for the <product>.",
        "The {payment|direct debit} of <amount> {failed|did not go through}{ and I do not know why|}.",
        "{I tried|We tried} to pay <amount> {three times|with two cards}{ for the <product>|} and {it stops at the last step|your page sends me back}.",
        "{Can I|Is it possible to} {pay|settle} the <product> {in two parts|by transfer|a week later}?",
    ],
    "connectivity": [
        "{The|Our} <product> {has had no connection|is offline|has been down} since {this morning|yesterday|last night}.",
        "{Every|Nearly every} {evening|hour|few minutes} the {connection|signal} of the <product> {drops|is lost|breaks}.",
        "{The speed|My connection} {is|has become} {far too slow|unusable|a fraction of what I pay for}{ on the <product>|}.",
        "{Since the storm|Since Monday|For a while now} {we get|I get} {no signal|hardly any signal} {here|in half of the house}.",
        "{Calls|Videos} {break off|freeze} {after <few> seconds|all the time}, {the light is red|the <product> says no service}.",
    ],
    "app_failure": [
        "The {app|portal} for the <product> {crashes|freezes|closes} {as soon as|whenever} I {open it|log in|save}.",
        "{Since the|After the last} update {I get|it shows} error <number>{ on every device|}.",
        "{Nothing|No page} {loads|opens} in the <product> app{, I have reinstalled it|}.",
        "{The button|The page} {to save|for my settings} {does nothing|stays grey} {in the app|since version <few>}.",
        "{I see|It shows} {the data of last month|an empty list} {instead of|where there should be} my <product>.",
    ],
    "device_setup": [
        "I {cannot|am unable to} {finish|complete} the {setup|installation} of {my|the new} <product>.",
        "The <product> {does not pair|is not found|will not connect}{ with my phone| with the hub|}.",
        "{Step|Page} <few> of the {manual|guide} for the <product> {makes no sense|does not match what I see}.",
        "{I am no expert|I am not technical}, but {where|how} do I {plug in|put together|start} the <product>?",
        "{The technician|Your man} {left|went} before the <product> {was running|was set up}.",
    ],
    "delivery_late": [
        "{Order|Parcel} <number> with {my|the} <product> {should have arrived|was promised} <days> days ago.",
        "The {tracking|courier page} {has not moved|says the same} for <days> days{, order <number>|}.",
        "{I am still waiting|We still wait} for the <product> {we ordered|from order <number>}.",
        "{I took|We took} {a day off|the afternoon off} for the courier and {nobody came|no parcel came}.",
        "{It says|The page says} {delivered|handed over}, {but I have no parcel|but nobody here has the <product>}{, order <number>|}.",
    ],
    "wrong_item": [
        "{I received|You sent} {a different model|something else} instead of the <product>{, order <number>|}.",
        "The box {contained|had} {the wrong <product>|parts of another product}.",
        "{The <product>|What} {I got|that came} is {not what I ordered|damaged and not the one I chose}.",
        "{Half of the parts|The power supply} {is|was} {missing|for another country}, order <number>.",
        "{Somebody else's|A stranger's} <product> {came to my address|was in my parcel}.",
    ],
    "login": [
        "I {cannot|can no longer} {log in to|get into} my account{ for the <product>|}.",
        "The {code|reset mail} {never arrives|comes too late}{, I tried <few> times|}.",
        "My account {is locked|was blocked} {without any notice|after one wrong password}.",
        "{The page|It} {tells me|says} {I do not exist|the password is wrong}, {which it is not|and I am sure it is right}.",
        "{I have a new phone|My old number is gone} and {the codes go there|cannot confirm that it is me}.",
    ],
    "contract_change": [
        "I {want|would like} to {change|upgrade|move} my <product> {plan|contract}{ from next month|}.",
        "{Please tell me|What is} the {notice period|end date} of {my|our} <product> contract{ <number>|}.",
        "We {are moving|move} {house|office} and {need|want} the <product> at the new address.",
        "{Is there|Do you have} {something cheaper|a smaller plan} than {what I have|our <product>}?",
        "{My mother|My partner|A colleague} {should take over|takes over} the <product>{, contract <number>|}.",
    ],
    "pairing": [
        "The <product> {does not pair|will not pair|no longer pairs} with my {phone|new phone}.",
        "{Bluetooth|My phone} {finds|sees} the <product>, but {the pairing|it} {fails|stops} {at the code|at <few> per cent|each time}.",
        "{Every morning|After each update} the <product> {has lost|forgets} {its pairing|my phone}.",
        "{How many phones|Which phones} can {I pair|be paired} with the <product>?",
        "{I have reset|I reset} the <product> {and unpaired it|twice}, {now it is not found at all|the code <number> is refused}.",
    ],
    "esim_activation": [
        "The eSIM {of|in} my <product> {is not active|cannot be activated|has been pending for <days> days}.",
        "The {QR code|activation code} {you sent|in the letter} {is refused|does not scan}{, error <number>|}.",
        "The <product> {says|shows} {no mobile network|activation pending}, {although the eSIM is booked|and my phone works fine}.",
        "{I changed|I have changed} my phone and {the eSIM|my number} {did not move to|is gone from} the <product>.",
        "{Where do I|How can I} {find|get} {the code|the profile} {for the eSIM|to activate the eSIM of the <product>}?",
    ],
}  # fmt: skip

SHARED_OPENINGS = [
    (("invoice_error", "payment"), [
        "{I do not understand|Can you explain} the {debit|charge} of <amount> {on my card|from my account}.",
        "{You took|Somebody took} <amount> {from my account|off my card} {for the <product>|on the <few>th}.",
    ]),
    (("invoice_error", "refund"), ["{I have paid|I paid} <amount> too much for the <product> and {want it back|would like it back}."]),
    (("invoice_error", "contract_change"), ["{The price|What I pay} for the <product> {went up|is higher} {and nobody told me|since last month}."]),
    (("refund", "wrong_item"), ["The <product> {went back|goes back} {to you|with the courier}{, order <number>|}, {what happens now|what next}?"]),
    (("refund", "delivery_late"), ["{I paid|We paid} <amount> {for nothing so far|and have nothing to show for it}{, order <number>|}."]),
    (("payment", "login"), ["{I cannot|It is impossible to} get to the {payment page|page with my card}{ of the <product>|}."]),
    (("connectivity", "app_failure"), ["{Nothing|Nothing at all} {works|happens} {any more|when I use the <product>}{, error <number>|}.", "The <product> {does not react|hangs|keeps loading} {since this morning|most of the time}."]),
    (("connectivity", "device_setup"), ["The <product> {will not connect|blinks red|never gets to green}{ and I tried everything|}."]),
    (("app_failure", "login"), ["{The page|The app} {throws me out|sends me back to the start} {after a minute|each time}."]),
    (("device_setup", "wrong_item"), ["{The cable|A part} {in the box|of the <product>} {does not fit|is missing}."]),
    (("delivery_late", "wrong_item"), ["{Only half|Just a part} of order <number> {came|is here}."]),
    (("login", "contract_change"), ["{I need|I want} {to change the e-mail|the name to be changed} {on my account|of the <product> contract}."]),
    (("pairing", "device_setup"), ["{I cannot get|I do not get} the <product> {and my phone|and the app} {together|to work together}."]),
    (("pairing", "connectivity"), ["The <product> {loses|keeps losing} {the connection|contact} {every few minutes|when I leave the room}."]),
    (("pairing", "app_failure"), ["The app {does not see|cannot find} {my|the} <product>{ since the update|}."]),
    (("esim_activation", "connectivity"), ["The <product> {has no network|shows no signal} {since this morning|again}."]),
    (("esim_activation", "contract_change"), ["The new {contract|plan} for the <product> {is not active yet|should have started}{, contract <number>|}."]),
]  # fmt: skip

# A second topic in passing: a lead and a clause.
ASIDE_LEADS = [
    "{By the way|Also|Besides}, ", "{One more thing|Something else}: ", "{While I am writing|Since I have you here}: ",
    "{Not so important, but|Oh, and} ", "{On another note|Unrelated}: ",
]  # fmt: skip
ASIDES = {
    "invoice_error": ["{last month's bill|the invoice of last month} {also looks wrong|does not add up either}.", "{there is|I found} a fee of <amount> that {nobody explained|I do not know}."],
    "refund": ["{I never saw|where is} the {refund|money} {of <amount>|from the spring}.", "{you still owe me|I am still owed} <amount>."],
    "payment": ["{my new card|the new bank account} {is not on file yet|still has to be entered}.", "the {last|June} {payment|debit} {bounced|was taken late}."],
    "connectivity": ["{the line|the signal} {also drops|is weak} {now and then|in the evening}.", "{the connection|the internet} {could be faster|is slow at times}."],
    "app_failure": ["{your app|the portal} {crashes a lot|shows error <number>}.", "{half of|most of} the {menus|pages} in the app {are empty|do not open}."],
    "device_setup": ["I {never managed|did not manage} to {set up|install} the {second box|extender}.", "the {manual|guide} {is no help|lacks page <few>}."],
    "delivery_late": ["{the parcel|order <number>} {has not come either|is overdue as well}.", "{the courier|your courier} {did not come|came on the wrong day} {again|last week}."],
    "wrong_item": ["{one part|the cable} in the {last parcel|box} {was the wrong one|did not fit}.", "I {still have|keep} {a device|an item} here that {is not mine|I never ordered}."],
    "login": ["{my wife|my colleague} {cannot log in|is locked out}.", "{the codes|your codes} {arrive late|do not come by text}."],
    "contract_change": ["{when does my contract end|how long does my contract run}?", "{we move|we are moving} {in autumn|soon}, {can the line come along|what do I have to do}?"],
    "pairing": ["{the watch|it} {loses my phone|unpairs} {at night|now and then}.", "{can I|how do I} pair {a second phone|my tablet}?"],
    "esim_activation": ["the eSIM {is still not active|shows pending}.", "{do I need|where is} {a new code|the QR code} for the eSIM?"],
}  # fmt: skip

SLOTS: dict[str, list[list[str]]] = {
    # by the customer's manners: formal, easy, hurried
    "greeting": [
        ["{Good morning|Good afternoon|Dear team|Dear Sir or Madam|To whom it may concern},", "{Dear|Hello} {customer service|support team},"],
        ["{Hello|Hi|Hello there|Hi all|Hi team},", "{Hey|Hiya}{ there|},", ""],
        ["", "", "{hi|hello|hey}", "{Quick one|Me again}:"],
    ],
    "signoff": [
        ["{Regards|Kind regards|Best regards|Yours sincerely|Yours faithfully}", "{Thank you in advance|I look forward to your answer|With thanks}"],
        ["{Thanks|Thank you|Many thanks|Best wishes|Cheers}", "{Thanks in advance|Waiting for your answer|Have a good one}", ""],
        ["", "", "{thx|thanks|ta}", "{Sent from my phone|Call me back}"],
    ],
    # how much went before: first time, again, many times
    "history": [
        [
            "{It is|This is} the first time {this happens|I have this}.", "{It|Everything} {worked|was} {fine|well} {before|until now}.",
            "", "{I have checked the help pages already|I could not find it in the help pages}.",
            "{Never had|I have never had} {trouble|a problem} {before|with you before}.", "{Up to last week|Until the weekend} {all was good|nothing was wrong}.",
        ],
        [
            "{The same|This} {happened|occurred} {already |}{last month|in spring|a few weeks ago}.", "{I have|We have} {called|written} about {this|it} {before|once already}.",
            "{It was fine|That held} for {a while|two weeks} {after the last fix|after your call}, {now it is back|then it began again}.", "{There should be|You will find} {an older case|a note} {about this|under number <number>}.",
        ],
        [
            "{This is|It is} {the third|the fourth|the fifth} time {now|I report this}{, with different people|}.", "{Several|Three|Four} of your {colleagues|departments} {have looked at|have already touched} this{ and nothing changed|}.",
            "{Each time|Every time} it {comes back|returns} {after a few days|a little different}.", "{I have lost count|I stopped counting} {how often|of the times} I {explained|told} this{ story|}.",
            "{Case <number>, case <number>|Look at the older cases}, {always the same|and here we are again}.",
        ],
    ],
    # tone 0 friendly to 4 furious
    "tone": [
        [
            "{No rush|There is no hurry}{, whenever you can|}.", "{I am sure|I think} it is {a small thing|quickly solved}.", "{You have always been helpful|So far I have been happy with you}.",
            "{Could you|Would you} {kindly |please |}{have a look|check}?", "{Great service|Very quick}, as always.", "{Maybe|Perhaps} {I am|it is me who is} {doing something wrong|overlooking something}.",
            "{It is|That is} {not a drama|no big deal}{, I just wanted to mention it|}.", "{I appreciate|Thanks for} {your help|your work}{ already|}.", "{Whenever|If} {somebody has|you have} {a minute|time}{ this week|}.",
        ],
        [
            "{Please|Kindly} {check|look into} {this|it}.", "{I would like|It would be good} to {know|hear} {what happens next|where this stands}.", "{Let me know|Tell me} what {you need|information is missing}.",
            "{How long|When} {will this|does this usually} take?", "{What|Which step} {comes|is} next{ on your side|}?", "{I attach|I can send} {what I have|the details} {if that helps|if needed}.",
            "{I am reachable|You can reach me} {by phone|in the evening}{ under <number>|}.", "{Just to be sure|For my notes}: {who|which team} {looks at this|has it}?",
        ],
        [
            "{I expected|We expected} {a quicker|a better} {answer|service}.", "{This is|It is} {becoming|getting} {annoying|inconvenient|a nuisance}.", "{I am|We are} {not happy|a little disappointed|unhappy} {with|about} {this|how it is going}.",
            "{Nobody|No one} {seems to|appears to} {know|care} {what is going on|who is responsible}.", "{Not quite|Hardly} {what you promise|what the advert says}.", "{I have|One has} better things to do {on a weekend|than this}.",
            "{That could have|This should have} {gone|been} {smoother|simpler}.", "{I was told|They told me} {otherwise|something else}{ last time|}.", "{My patience|My good will} {is getting thin|has its limits}.",
        ],
        [
            "{I am|We are} {really|very|seriously} {disappointed|frustrated|dissatisfied} {with you|by now|with this service}.", "{This is|It is} {simply |}{not acceptable|unacceptable|poor service}.", "{You keep|Your team keeps} {sending me round|giving me empty answers|asking the same questions}.",
            "{How|Why} {can it be|is it} {so hard|that difficult} to {get an answer|solve this}?", "{Great service|Very quick}, as always.", "I begin to {wonder|ask myself} {what I pay for|why I am still with you}.",
            "Is {anybody|anyone} {responsible for|in charge of} {anything|this} {over there|at your place}?", "{Friends warned me|I should have listened to the reviews}{, now I see why|}.", "{Another|Yet another} {standard answer|copied text} {does not help|will not do}.",
        ],
        [
            "{This is|It is} {an absolute|a complete} {disgrace|joke|scandal}{!|!!}", "{I am|We are} {fed up|furious|at the end of my patience}{!| with you!}", "{Never|In my life} have I seen {such|this kind of} {incompetence|bad treatment}{!|.}",
            "{You are|Your company is} {wasting my time|useless|treating people like dirt}{!!|!}", "{Oh great|Wonderful}, {another day|another promise} {and nothing|wasted}. {Bravo|Well done}!", "{Great service|Very quick}, as always.",
            "{Do you|Does anybody} {even |}{read|understand} what {people|customers} write{?|?!}", "{Take|Please take} your {apologies|empty phrases} and {keep them|try them on someone else}.", "{Thank you|Many thanks} for {nothing|another ruined day}.",
            "{Shame on you|What a circus|Unbelievable}{!|!!!}",
        ],
    ],
    # how pressing: can wait, soon, now
    "urgency": [
        ["", "", "{It can wait|No deadline} {until next week|from my side}.", "{Next week|Some time this month} {would do|is fine}.", ""],
        [
            "{I need|We need} {it|this} {by|before} {Friday|the weekend|tomorrow}.", "{It is|This is} {urgent|quite urgent|time critical}{ for us| because I work from home|}.",
            "{On Monday|In two days} {I travel|guests come}, {until then it should work|it has to be done by then}.", "{The sooner|The faster} the better.",
        ],
        [
            "{We are|I am} {losing|out of} {business|money|work} {every day|because of this}.", "{Everything|My whole shop} {stands still|is blocked} {without it|until you act}.", "{I need|We need} {this fixed|an answer} {today|right now|within the hour}.",
            "{My customers|My clients} {are walking away|cannot reach me} {as we speak|right now}.", "{I sit|We sit} here and {can do nothing|cannot work}{ at all|}.", "{My mother|My father} {depends on it|cannot call for help without it}.",
        ],
    ],
    "waiting": [
        ["{Any news|Is there any news|Any update}{ on this|}?", "{I wrote|We wrote} {earlier today|this morning}{ and have heard nothing|}.", "{Did you|Have you} {get|seen} my {message|mail}?", "{Just checking|Checking in}{ whether somebody has this|}."],
        [
            "{I am|We are} {waiting|still waiting} since {yesterday|yesterday morning}.", "{It has been|Now it is} {a day|more than a day}{ since my message|}.",
            "{Yesterday|A day ago} I {wrote|asked}{, no answer so far|}.", "{You said|Your mail says} {within a day|24 hours}{. Well|}.",
        ],
        [
            "<days> days {without|and not} a {single |}{word|reply|answer}{ from you|}.", "{I have been|We have been} {waiting|left waiting} for <days> days{ now|}.",
            "{This lies|It lies} {there|on your desk} for <days> days{ already|}.", "{My last message|What I wrote} is <days> days old.",
        ],
        [
            "{More than|Over} {a week|<days> days} {and still nothing|of silence}.", "<days> days! {Does anybody read this|Is anyone there}?",
            "{I count|By my count it is} <days> days{ since your last word|}.", "{Weeks go by|Another week is gone} and {nobody moves|all is quiet}.", "Did you forget {me|this case}{ after <days> days|}?",
        ],
    ],
    "threat": [[
        "{I want|I demand|Let me speak} to {speak to |}{a manager|your supervisor|someone in charge}{ now|}.", "{I will|We shall} {file|make} {a formal complaint|a complaint with the ombudsman}.", "{My lawyer|Our legal team} {will be in touch|is informed}.",
        "{I am going to|I will} {cancel everything|leave for a competitor|post this publicly}.", "{Escalate this|Put me through to your boss}{, please| immediately|}.",
        "{I keep|I have kept} {a record|copies} of {all this|every message}, {others will want to see it|the regulator will be interested}.", "{Your competitor|The company next door} {has an offer|answers its phone}, {just so you know|I am looking at it now}.",
        "{If this is not solved|Unless it is solved} {by tomorrow|this week}, {I stop paying|there will be consequences}.", "{The local paper|The consumer association} {may like|will like} this {story|case}.", "{I wonder|One wonders} what {your director|your chief} {says|thinks} about it{, I have the address|}.",
    ]],
    "info": [[
        "{Here is|Attached is|This is} {the|a} {photo|screenshot|information} {you asked for|as requested}.", "{The|My} {serial|order|customer} number is <number>.", "{I have|We have} {tried|done} {that|what you said}, {same result|no change}.",
        "{Yes|Right}, {it happens|that is the case} {on every device|since the <few>th}.", "{I restarted|I reset} it {twice|again}{, error <number>|}.", "{On the back|On the label} it says <number>.",
        "{It began|It started} {last week|about <days> days ago}{, after the update|}.", "{No|No, not that}, {the light is green|the cable is fine}.", "{I hope|Hopefully} {this helps|that is enough}: {<number>|see the picture}.",
        "{As I said|As written before}, {the number is <number>|on two devices}.",
    ]],
    "still": [[
        "{It is|This is} {not solved|still broken|back again}.", "{You closed|You marked} this {as solved |}{but|although} {nothing works|the problem is still there}.", "{The same|That} {fault|problem} {returned|is there again} {today|after a day}.",
        "{Please reopen|I have to reopen} {this|my ticket}{, sorry|}.", "{Solved|Done}? {Not here|Not for me}.", "{It worked|That held} {for an hour|until this morning}{, then it was over|}.",
        "{I would not|I cannot} call {that|this} {solved|a solution}.", "{One step|Part of it} {works|is better}, {the rest does not|but not all}.",
    ]],
    # agents: formal, warm, terse
    "agent_greeting": [
        ["{Dear customer|Good day|Dear Sir or Madam},", "{Dear customer|Good day}, {thank you for contacting us|we confirm receipt of your message}.", "{With reference to|Regarding} {your message|your request}:"],
        ["{Hi there|Hello|Hi},", "{Hi|Hello}, {thanks so much|many thanks} for {your message|getting in touch|your patience}!", "{Hello|Hi}, {it is good to hear from you|I hope you are well}."],
        ["{Hello|Hi}.", "", "", "{Re your message|Update}:"],
    ],
    "agent_sorry": [
        ["{We apologise|Please accept our apologies} {for the delay|for the inconvenience|for the late reply}.", "{We regret|I regret} {the delay|that this has taken longer than usual}."],
        ["{I am so sorry|We are really sorry} {for the wait|that this took so long|you had to wait}.", "{I know|I understand} {how annoying this is|this is no fun}{, and I am sorry|}."],
        ["{Sorry for|Apologies for} the {delay|wait}.", "{Sorry|Apologies}{, busy day|}."],
    ],
    "agent_progress": [
        ["{Your case|The matter} {is being examined|is in progress|is with our specialists}.", "{We will|Our department will} inform you {as soon as|once} {the check is complete|a result is available}.", "{The analysis|Our investigation} {is still ongoing|requires some more time}.", "{The matter|Your request} {has been forwarded|was passed} to {the specialists|the responsible team}."],
        ["{I am|We are} {on it|looking into it} and {will get back to you soon|will keep you posted}!", "{I have asked|I have just spoken to} {our specialists|our technicians} {about your case|and they are on it}.", "{Bear with us|Hang in there}{ a little longer|}, {we have not forgotten you|we are nearly there}.", "{I would rather check this properly than guess|Let me check this once more, to be sure}."],
        ["{Being checked|In progress|Under review}.", "{Passed|Forwarded} to {technicians|specialists|second line}.", "{No result|Nothing} yet{, will update|}.", "{Checking|Testing}. {Back later|Will report}."],
    ],
    "agent_ask": [[
        "{Could you|Please} send {us |}{a screenshot|the serial number|your order number|a photo of the label}{?|, please.}", "{Have you|Did you} {tried|try} {restarting it|another browser|the steps in the guide}?", "{When|Since when} {exactly |}did {this|it} {start|happen first}?",
        "{Which|What} {version|model|light} {do you see|is shown}{ on the device|}?", "{Does it|Does this} {happen|occur} {on other devices too|at certain hours}?", "{To go on|For the next step} {we need|I need} {the number on the label|your confirmation}.",
    ]],
    "agent_hold": [[
        "{We are waiting|I wait} for {our supplier|the network partner|the courier}{, it may take a few days|}.", "{The replacement|A spare part} {is on order|has been ordered}.",
        "{A technician|The field team} {is booked|will come} {for <days> days from now|next week}.", "{The repair|The update} {depends on|is with} {the manufacturer|another team}{, we follow it up|}.",
    ]],
    "agent_solution": [
        ["{We have|I have} {corrected|reissued} the invoice{ and credited <amount>|}.", "{The refund|<amount>} {has been sent|is on its way}{, reference <number>|}.", "{The payment|Your card} {is registered|works} now.", "{The fee|The extra item} {is removed|has been taken off}{, you will see it on the next bill|}.", "{Your new|The changed} {bank details|card} {are in place|will be used from next month}."],
        ["{We have|I have} {reset|restarted} {the line|your connection}, {it should work now|please try again}.", "{Version|Update} <few> {solves|fixes} this{, please install it|}.", "{The fault|The outage} {is repaired|has been mended}.", "{I sent|We sent} {new settings|a new profile} to {your device|the device}, {restart it once|give it ten minutes}.", "{A damaged cable|A wrong setting} {was the cause|caused it}, {that is done|all is well again}."],
        ["{The parcel|Your order} <number> {is out for delivery|was delivered today}.", "{A replacement|The right item} {has been sent|is on its way}{, tracking <number>|}.", "{The courier|The depot} {found|located} {it|the parcel}{, it comes tomorrow|}.", "{A label|A return label} {is in your mail|is attached}, {we send the right one|keep the box}."],
        ["{Your account|Access} {is unlocked|works again}{, please choose a new password|}.", "{The change|Your new plan} {is booked|takes effect next month}.", "{The new|Your new} {address|phone number} {is on file|has been saved}.", "{The contract|Your contract} {ends|runs until} {on the <few>th|the end of the year}{, as you asked|}."],
    ],
    "agent_signoff": [
        ["{Yours sincerely|Kind regards|Yours faithfully}, {customer care|your service team|the service department}", "{Please do not hesitate to contact us|We remain at your disposal}. {Kind regards|Yours sincerely}"],
        ["{Have a lovely day|All the best|Take care}!", "{Warm wishes|Best wishes}, {your service team|your team at customer care}", "{Just write|Write back} if {anything is unclear|you need me}!"],
        ["", "", "{Regards|Support|Service team}"],
    ],
    "note": [[
        "{Checked|Looked at} {the logs|the account|the history}, {nothing unusual|see above|needs second line}.", "{Customer|Cust.} {seems|is} {calm|ok|upset|rather angry}{, handle with care|}.", "{Waiting for|Asked} {billing|network|the warehouse|the team lead}.", "{Known issue|Similar to} <number>.",
        "{Tried|Did} {reset|remote test}, {no effect|ok for now}.", "{Two topics in here|Second topic}, {main one first|see below}.", "{Promised|Told cust.} {a call back|an answer} {tomorrow|by Friday}.",
    ]],
    "note_phone": [["{Customer|Cust.} {called|phoned|rang} {about|asking for} {the status|news|progress}.", "{Call|Phone}: {wants to know|asks} {where it stands|when it will be done}.", "{Rang in|Spoke to cust.}, {explained status|no news to give}."]],
    "note_handoff": [["{Passing|Handing} {this |}{on|over}, {end of shift|not my area|needs other skills}.", "{Please take over|Moved to you}, {history above|details in the ticket}.", "{Beyond me|Not ours}, {please have a look|yours, I think}.", "{Reassigning|To your team}: {see last message|cust. is waiting}."]],
    "survey_good": [["{Great|Good|Quick|Friendly} {service|help|support}{!|.|}", "{Solved|Fixed} {at once|quickly}{, thanks|}", "{The agent|She|He} {listened|was patient} and {it works now|knew the answer}.", "{No complaints|All fine|Better than expected}{.|}"]],
    "survey_bad": [["{Took|It took} {too long|ages|forever}.", "{Nobody|No one} {listened|helped}{!|.}", "{Problem|Issue} {not solved|came back}.", "{Bad|Terrible|Poor} {service|experience}{!|}", "{Great|Wonderful}, {I explained it four times|only took weeks}.", "{Friendly|Polite}, but {no solution|nothing happened}."]],
}  # fmt: skip

# Said at two neighbouring levels: entry k belongs to the levels k and k + 1.
BETWEEN: dict[str, list[list[str]]] = {
    "tone": [
        ["{Could|Can} {someone|somebody} {have a look|look at this}{, please|}?", "{Thank you|Thanks} for {taking care of it|looking into it}.", "{I hope|Hopefully} {this can be solved|it is a quick fix}.", "{A short|A quick} answer {would be nice|is enough}."],
        ["{I do not quite|I do not} {understand|see} {why|what the problem is}.", "{I still have|There is still} {no answer to|nothing on} my question.", "{I would|We would} {prefer|like} {a clear answer|one contact person}.", "{It should not {be so hard|take this long}, should it|It cannot {be so hard|take this long}, can it}?"],
        ["{I am|We are} {losing patience|running out of patience}.", "{Frankly|To be honest}, {I expected more|this is disappointing}.", "{I do not have|Nobody has} time for {this|such games}.", "{Once again|Again} {I have to|we have to} {ask|explain everything|chase you}."],
        ["{I have|We have} had enough{!|.}", "{Enough|Enough of this}{!|, really.}", "{What kind of company is this|How is such a thing possible}{?|?!}", "You promised {it would work|a solution|to call} {and nothing|and now this}{!|.}", "{Really|Seriously}{?|?!}"],
    ],
    "urgency": [
        ["{This week|Within a few days} would be {good|fine}.", "{Please do not leave it too long|If possible, not too late}{, thank you|}."],
        ["{I cannot|We cannot} {wait much longer|wait long}.", "{It has to|This must} {work|be done} {by tomorrow|very soon}.", "{We depend|I depend} on {it|this}{ every day|}."],
    ],
    "waiting": [
        ["{I have not|We have not} heard {back|from you}{ yet|}.", "{Still|I am} waiting{ for an answer|}."],
        ["{No answer|Nothing} {so far|yet}.", "{How long|How much longer} {do I|must we} wait?"],
        ["{Days|Many days} {have passed|go by} {without an answer|and nothing}.", "{Anybody there|Still nobody there}?"],
    ],
    "history": [
        ["{It|Something like this} {may have|might have} happened before{, I am not sure|}.", "{I am not|Perhaps I am not} the only one{ with this|}."],
        ["{Not for the first time|Once more}.", "{You know|You must have} {the story|my notes} {from last time|already}."],
    ],
}  # fmt: skip
