"""English wording. `{a|b}` is a choice; `<product>`, `<number>`, `<amount>`, `<days>` are filled in."""

# ruff: noqa: E501 (one template list a line reads best)
from __future__ import annotations

JOINER = " "
PUNCTUATION: dict[int, int] = {}

PRODUCTS = (
    "home fibre", "mobile plan", "TV box", "smart home kit", "cloud storage", "business line", "router",
    "security suite",
)  # fmt: skip

SUBJECTS = {
    "invoice_error": ["{Wrong|Incorrect} {amount|charge} on {my|the latest} {invoice|bill}", "{Invoice|Bill} <number> {looks wrong|is not right|query}", "Charged <amount> {twice|too much} for the <product>"],
    "refund": ["{Refund|Money back} for the <product>{ still missing|}", "{Where is|Status of} my refund {of <amount>|<number>}?", "Refund {request|not received}"],
    "payment": ["{Payment|Card} {declined|did not go through|rejected}", "{Change of|Update my} {payment details|card}", "{Direct debit|Payment} for the <product>"],
    "connectivity": ["{No|Lost} {connection|internet|service} {since yesterday|again|at home|}", "<product> {keeps dropping|drops out|is down}", "{Very slow|Unstable} {connection|speed}"],
    "app_failure": ["{App|The app} {crashes|freezes|will not open}", "<product>: error {code |}<number>", "{Nothing loads|Blank screen} {in the app|after the update}"],
    "device_setup": ["{Help with|Cannot finish} {setting up|the setup of} the <product>", "<product> {will not pair|not recognised}", "{Installation|Setup} {question|stuck}"],
    "delivery_late": ["{Order|Parcel} <number> {has not arrived|is late|still missing}", "{Where is|Tracking for} my <product>?", "{Delivery|Shipment} {overdue|delayed}"],
    "wrong_item": ["{Wrong|Different} {item|model} {delivered|in the box}", "{Received|Got} {something else|the wrong <product>}", "{Exchange|Swap} order <number>"],
    "login": ["{Cannot|Unable to} {log in|sign in|reset my password}", "{Account|Profile} {locked|blocked}", "{Verification|Security} code {never arrives|problem}"],
    "contract_change": ["{Change|Upgrade|Downgrade} {my|of} {plan|contract}", "{Question about|Ending} {the|my} {contract|notice period}", "{Moving house|Change of address}: <product>"],
}  # fmt: skip

OPENINGS = {
    "invoice_error": ["{My|The} {latest|last|recent} {invoice|bill} for the <product> {shows|lists|has} <amount>, {which is|that is} {not what we agreed|more than usual|clearly too much}.", "{You have|I have been} charged {twice|two times} for the <product>{ this month|}, {invoice|bill} <number>.", "There {is|seems to be} {a mistake|an error} on {invoice|bill} <number>: {an extra|an unknown} {item|fee} of <amount>."],
    "refund": ["{I am|We are} {waiting for|owed} a refund of <amount> for the <product>{, reference <number>|}.", "I {returned|sent back} the <product> {weeks ago|last month|some time ago} and {have not seen|am still missing} the {money|refund}.", "{According to|As} your {colleague|chat} {told me |}the refund <number> {was issued|had been sent}, {but nothing arrived|but my bank has nothing}."],
    "payment": ["My {card|payment} for the <product> was {declined|rejected|refused}{, although there is enough money|}.", "I {would like to|need to|want to} {change|update} {the card|the bank account} {you charge|on file} for the <product>.", "The {payment|direct debit} of <amount> {failed|did not go through}{ and I do not know why|}."],
    "connectivity": ["{The|Our} <product> {has had no connection|is offline|has been down} since {this morning|yesterday|last night}.", "{Every|Nearly every} {evening|hour|few minutes} the {connection|signal} of the <product> {drops|is lost|breaks}.", "{The speed|My connection} {is|has become} {far too slow|unusable|a fraction of what I pay for}{ on the <product>|}."],
    "app_failure": ["The {app|portal} for the <product> {crashes|freezes|closes} {as soon as|whenever} I {open it|log in|save}.", "{Since the|After the last} update {I get|it shows} error <number>{ on every device|}.", "{Nothing|No page} {loads|opens} in the <product> app{, I have reinstalled it|}."],
    "device_setup": ["I {cannot|am unable to} {finish|complete} the {setup|installation} of {my|the new} <product>.", "The <product> {does not pair|is not found|will not connect} {with my phone|with the hub|}.", "{Step|Page} <number> of the {manual|guide} for the <product> {makes no sense|does not match what I see}."],
    "delivery_late": ["{Order|Parcel} <number> with {my|the} <product> {should have arrived|was promised} <days> days ago.", "The {tracking|courier page} {has not moved|says the same} for <days> days{, order <number>|}.", "{I am still waiting|We still wait} for the <product> {we ordered|from order <number>}."],
    "wrong_item": ["{I received|You sent} {a different model|something else} instead of the <product>{, order <number>|}.", "The box {contained|had} {the wrong <product>|parts of another product}.", "{The <product>|What} {I got|that came} is {not what I ordered|damaged and not the one I chose}."],
    "login": ["I {cannot|can no longer} {log in to|get into} my account{ for the <product>|}.", "The {code|reset mail} {never arrives|comes too late}{, I tried <number> times|}.", "My account {is locked|was blocked} {without any notice|after one wrong password}."],
    "contract_change": ["I {want|would like} to {change|upgrade|move} my <product> {plan|contract}{ from next month|}.", "{Please tell me|What is} the {notice period|end date} of {my|our} <product> contract{ <number>|}.", "We {are moving|move} {house|office} and {need|want} the <product> at the new address."],
}  # fmt: skip

SLOTS: dict[str, list[list[str]]] = {
    "greeting": [["{Hello|Hi|Good morning|Hello there|Dear team|Hi all},", "", ""]],
    "signoff": [["{Thanks|Thank you|Regards|Kind regards|Best wishes|Many thanks}", "", "{Thanks in advance|Waiting for your answer}"]],
    # how much went before: first time, again, many times
    "history": [
        ["{It is|This is} the first time {this happens|I have this}.", "{It|Everything} {worked|was} {fine|well} {before|until now}.", "", "{I have checked the help pages already|I could not find it in the help pages}."],
        ["{The same|This} {happened|occurred} {already |}{last month|in spring|a few weeks ago}.", "{I have|We have} {called|written} about {this|it} {before|once already}."],
        ["{This is|It is} {the third|the fourth|the fifth} time {now|I report this}{, with different people|}.", "{Several|Three|Four} of your {colleagues|departments} {have looked at|have already touched} this{ and nothing changed|}.", "{Each time|Every time} it {comes back|returns} {after a few days|a little different}."],
    ],
    # tone 0 friendly to 4 furious
    "tone": [
        ["{No rush|There is no hurry}{, whenever you can|}.", "{I am sure|I think} it is {a small thing|quickly solved}.", "{You have always been helpful|So far I have been happy with you}.", "{Could you|Would you} {kindly |please |}{have a look|check}?"],
        ["{Please|Kindly} {check|look into} {this|it}.", "{I would like|It would be good} to {know|hear} {what happens next|where this stands}.", "{Let me know|Tell me} what {you need|information is missing}.", "{How long|When} {will this|does this usually} take?"],
        ["{I expected|We expected} {a quicker|a better} {answer|service}.", "{This is|It is} {becoming|getting} {annoying|inconvenient|a nuisance}.", "{I am|We are} {not happy|a little disappointed|unhappy} {with|about} {this|how it is going}.", "{Nobody|No one} {seems to|appears to} {know|care} {what is going on|who is responsible}."],
        ["{I am|We are} {really|very|seriously} {disappointed|frustrated|dissatisfied} {with you|by now|with this service}.", "{This is|It is} {simply |}{not acceptable|unacceptable|poor service}.", "{You keep|Your team keeps} {sending me round|giving me empty answers|asking the same questions}.", "{How|Why} {can it be|is it} {so hard|that difficult} to {get an answer|solve this}?"],
        ["{This is|It is} {an absolute|a complete} {disgrace|joke|scandal}{!|!!}", "{I am|We are} {fed up|furious|at the end of my patience}{!| with you!}", "{Never|In my life} have I seen {such|this kind of} {incompetence|bad treatment}{!|.}", "{You are|Your company is} {wasting my time|useless|treating people like dirt}{!!|!}", "{Oh great|Wonderful}, {another day|another promise} {and nothing|wasted}. {Bravo|Well done}!"],
    ],
    "urgency": [
        ["", "", "{It can wait|No deadline} {until next week|from my side}."],
        ["{I need|We need} {it|this} {by|before} {Friday|the weekend|tomorrow}.", "{It is|This is} {urgent|quite urgent|time critical} {for us|because I work from home|}."],
        ["{We are|I am} {losing|out of} {business|money|work} {every day|because of this}.", "{Everything|My whole shop} {stands still|is blocked} {without it|until you act}.", "{I need|We need} {this fixed|an answer} {today|right now|within the hour}."],
    ],
    "waiting": [
        ["{Any news|Is there any news|Any update}{ on this|}?", "{I wrote|We wrote} {earlier today|this morning}{ and have heard nothing|}."],
        ["{I am|We are} {waiting|still waiting} since {yesterday|<days> days}.", "{It has been|Now it is} <days> days{ since my message|}."],
        ["<days> days {without|and not} a {single |}{word|reply|answer}{ from you|}.", "{I have been|We have been} {waiting|left waiting} for <days> days{ now|}."],
        ["{More than|Over} {a week|<days> days} {and still nothing|of silence}.", "<days> days! {Does anybody read this|Is anyone there}?"],
    ],
    "threat": [["{I want|I demand|Let me speak} to {speak to |}{a manager|your supervisor|someone in charge}{ now|}.", "{I will|We shall} {file|make} {a formal complaint|a complaint with the ombudsman}.", "{My lawyer|Our legal team} {will be in touch|is informed}.", "{I am going to|I will} {cancel everything|leave for a competitor|post this publicly}.", "{Escalate this|Put me through to your boss}{, please| immediately|}."]],
    "info": [["{Here is|Attached is|This is} {the|a} {photo|screenshot|information} {you asked for|as requested}.", "{The|My} {serial|order|customer} number is <number>.", "{I have|We have} {tried|done} {that|what you said}, {same result|no change}.", "{Yes|Right}, {it happens|that is the case} {on every device|since the <number>th}.", "{I restarted|I reset} it {twice|again}{, error <number>|}."]],
    "still": [["{It is|This is} {not solved|still broken|back again}.", "{You closed|You marked} this {as solved |}{but|although} {nothing works|the problem is still there}.", "{The same|That} {fault|problem} {returned|is there again} {today|after a day}.", "{Please reopen|I have to reopen} {this|my ticket}{, sorry|}."]],
    "agent_greeting": [["{Hello|Dear customer|Hi|Good day},", "{Thank you|Thanks} for {your message|getting in touch|your patience}."]],
    "agent_sorry": [["{We are|I am} sorry {for the wait|that this took so long|about the delay}.", "{Apologies|Our apologies} {for keeping you waiting|for the late reply}."]],
    "agent_progress": [["{We are|Our team is} {looking into|working on} {it|this}{ and will come back to you|}.", "{I have|We have} {forwarded|passed} {this|your case} to {the specialists|our technicians}.", "{The check|Our analysis} {is still running|takes a little longer}.", "{Your case|This} {is in progress|is being handled}."]],
    "agent_ask": [["{Could you|Please} send {us |}{a screenshot|the serial number|your order number|a photo of the label}{?|, please.}", "{Have you|Did you} {tried|try} {restarting it|another browser|the steps in the guide}?", "{When|Since when} {exactly |}did {this|it} {start|happen first}?"]],
    "agent_hold": [["{We are waiting|I wait} for {our supplier|the network partner|the courier}{, it may take a few days|}.", "{The replacement|A spare part} {is on order|has been ordered}."]],
    "agent_solution": [
        ["{We have|I have} {corrected|reissued} the invoice{ and credited <amount>|}.", "{The refund|<amount>} {has been sent|is on its way}{, reference <number>|}.", "{The payment|Your card} {is registered|works} now."],
        ["{We have|I have} {reset|restarted} {the line|your connection}, {it should work now|please try again}.", "{Version|Update} <number> {solves|fixes} this{, please install it|}.", "{The fault|The outage} {is repaired|has been mended}."],
        ["{The parcel|Your order} <number> {is out for delivery|was delivered today}.", "{A replacement|The right item} {has been sent|is on its way}{, tracking <number>|}."],
        ["{Your account|Access} {is unlocked|works again}{, please choose a new password|}.", "{The change|Your new plan} {is booked|takes effect next month}."],
    ],
    "agent_signoff": [["{Kind regards|Best regards|Regards}, {your service team|customer care}", "{Have a nice day|All the best}!", ""]],
    "note": [["{Checked|Looked at} {the logs|the account|the history}, {nothing unusual|see above|needs second line}.", "{Customer|Cust.} {seems|is} {calm|ok|upset|rather angry}{, handle with care|}.", "{Waiting for|Asked} {billing|network|the warehouse|the team lead}.", "{Known issue|Similar to} <number>."]],
    "note_phone": [["{Customer|Cust.} {called|phoned|rang} {about|asking for} {the status|news|progress}."]],
    "note_handoff": [["{Passing|Handing} {this |}{on|over}, {end of shift|not my area|needs other skills}.", "{Please take over|Moved to you}, {history above|details in the ticket}."]],
    "survey_good": [["{Great|Good|Quick|Friendly} {service|help|support}{!|.|}", "{Solved|Fixed} {at once|quickly}{, thanks|}"]],
    "survey_bad": [["{Took|It took} {too long|ages|forever}.", "{Nobody|No one} {listened|helped}{!|.}", "{Problem|Issue} {not solved|came back}.", "{Bad|Terrible|Poor} {service|experience}{!|}"]],
}  # fmt: skip
