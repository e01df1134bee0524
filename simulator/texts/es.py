"""Spanish wording. `{a|b}` is a choice; `<product>`, `<number>`, `<amount>`, `<days>` are filled in;
`<few>` is a number from 4 to 19."""

# ruff: noqa: E501 (one template a line reads best)
from __future__ import annotations

JOINER = " "
PUNCTUATION: dict[int, int] = {}

PRODUCTS = (
    "la fibra", "la tarifa móvil", "el decodificador", "el kit domótico", "el almacenamiento en la nube",
    "la línea de empresa", "el router", "el paquete de seguridad", "el reloj inteligente",
)  # fmt: skip

SUBJECTS = {
    "invoice_error": [
        "{Importe|Cargo} {erróneo|incorrecto} en {mi|la última} factura",
        "Factura <number> {mal calculada|no cuadra}",
        "{Cobro|Cargo} de <amount> {duplicado|de más} por <product>",
        "¿{Qué es|A qué se debe} {el concepto|el cargo} de <amount>?",
    ],
    "refund": [
        "{Reembolso|Devolución} de <product>{ pendiente|}",
        "¿{Dónde está|Cómo va} mi reembolso{ de <amount>| <number>}?",
        "{Reembolso|Dinero} {no recibido|sin llegar}",
        "{Devolví|Envié de vuelta} <product>, {sin abono|y el dinero no llega}",
    ],
    "payment": [
        "{Pago|Cobro} {rechazado|denegado}",
        "{Cambiar|Actualizar} {la tarjeta|los datos de pago}",
        "{Domiciliación|Pago} de <product>",
        "{No puedo pagar|Pagar} {por internet|con tarjeta}{, referencia <number>|}",
    ],
    "connectivity": [
        "{Sin|No tengo} {conexión|internet|servicio} {desde ayer|otra vez|en casa|}",
        "<product>: {se corta|no funciona|sin servicio}",
        "{Conexión|Velocidad} {muy lenta|inestable}",
        "{Sin señal|Desconectado} {otra vez|desde hace horas|cada noche}",
    ],
    "app_failure": [
        "La {app|aplicación} {se cierra|se bloquea|no abre}",
        "<product>: error <number>",
        "{Pantalla en blanco|No carga nada} {tras la actualización|en la app}",
        "{App|Web} {inservible|que falla} desde la {versión <few>|actualización}",
    ],
    "device_setup": [
        "{Ayuda con|No puedo terminar} la {instalación|configuración} de <product>",
        "<product> {no se empareja|no se reconoce}",
        "{Duda|Problema} de {instalación|configuración}",
        "¿{Cómo|Dónde} {se conecta|se instala} <product>?",
    ],
    "delivery_late": [
        "{Pedido|Paquete} <number> {no ha llegado|retrasado|perdido}",
        "¿{Dónde está|Cuándo llega} {mi pedido|<product>}?",
        "{Entrega con retraso|Envío atrasado}",
        "{Sigo sin|Ni rastro de} {paquete|repartidor|pedido}",
    ],
    "wrong_item": [
        "{Artículo|Modelo} {equivocado|distinto}",
        "{He recibido|Llegó} {otra cosa|un producto equivocado}",
        "{Cambio|Canje} del pedido <number>",
        "{No es lo que pedí|Esto no es mío}{: <number>|}",
    ],
    "login": [
        "{No puedo|Imposible} {entrar|iniciar sesión|cambiar la clave}",
        "{Cuenta bloqueada|Usuario bloqueado}",
        "{El código|El SMS} {no llega|de verificación}",
        "{Fuera de mi cuenta|Clave rechazada}{ otra vez|}",
    ],
    "contract_change": [
        "{Cambio|Mejora} de {tarifa|contrato}",
        "{Duda sobre|Fin de} {mi contrato|la permanencia}",
        "{Mudanza|Cambio de domicilio}: <product>",
        "¿{Algo más barato|Otras opciones} para <product>?",
    ],
    "pairing": [
        "<product> {no se vincula|pierde el vínculo|no aparece en el móvil}",
        "{Bluetooth|Vinculación}: {falla|problema}{ con <product>|}",
        "{No puedo vincular|Cómo vinculo} <product> {con el móvil|con otro teléfono}",
        "{Código|Código de vinculación} <number> {rechazado|caducado}",
    ],
    "esim_activation": [
        "eSIM {sin activar|pendiente|que no se activa}",
        "{Activar|Activación de} la eSIM de <product>",
        "{El código QR|El perfil} de la eSIM {no se lee|es rechazado}",
        "<product> {sin número propio|sin red móvil}",
    ],
}  # fmt: skip

# Each fits both categories, so that its words don't settle the topic.
SHARED_SUBJECTS = [
    (("invoice_error", "payment"), ["{Cargo|Adeudo} de <amount> en mi tarjeta", "{Duda|Problema} con {un cargo|un adeudo}"]),
    (("refund", "wrong_item"), ["Devolución del pedido <number>"]),
    (("refund", "delivery_late"), ["{Pedido|Paquete} <number>: {anularlo|quiero el dinero}"]),
    (("connectivity", "device_setup"), ["<product> {no conecta|no hace nada|sigue en rojo}"]),
    (("connectivity", "app_failure"), ["<product> {no responde|falla}"]),
    (("app_failure", "login"), ["{Atascado|Error} {en la página de entrada|al entrar}"]),
    (("login", "contract_change"), ["{Cambio de|Nuevo} {correo|teléfono|titular}"]),
    (("delivery_late", "wrong_item"), ["{Problema|Lío} con el pedido <number>"]),
    (("invoice_error", "contract_change"), ["{Precio nuevo|Cambio de precio} de <product>"]),
    (("pairing", "device_setup"), ["<product> {y mi móvil|con un móvil nuevo}", "{Puesta en marcha|Primeros pasos}: <product>"]),
    (("pairing", "connectivity"), ["<product> {se desconecta|pierde la conexión} {a cada rato|cada hora}"]),
    (("esim_activation", "connectivity"), ["<product>: {sin red|sin señal}"]),
    (("esim_activation", "contract_change"), ["{Nuevo contrato|Nueva tarifa} de <product> sin {efecto|activar}"]),
]  # fmt: skip

OPENINGS = {
    "invoice_error": [
        "{Mi|La} última factura de <product> {muestra|trae|indica} <amount>, {que no es lo pactado|mucho más de lo normal}.",
        "{Me han cobrado|Habéis cobrado} {dos veces|por duplicado} <product>{ este mes|}, factura <number>.",
        "Hay {un error|una equivocación} en la factura <number>: {un concepto|un cargo} {desconocido|extra} de <amount>.",
        "{He repasado|Comparé} {las facturas|mis últimas facturas} y {no sé|no veo} a qué {vienen|corresponden} <amount>.",
        "{Según lo acordado|En teoría} <product> {cuesta|debería costar} <amount>, {la factura dice otra cosa|y no es lo que cobran}.",
        "{Alguien|Su sistema} {ha añadido|metió} {una opción|un servicio} que {no pedí|nadie pidió} en la factura <number>.",
    ],
    "refund": [
        "{Espero|Sigo esperando} un reembolso de <amount> por <product>{, referencia <number>|}.",
        "{Devolví|Envié de vuelta} <product> {hace semanas|el mes pasado} y {no he visto|todavía falta} el dinero.",
        "{Un compañero|El chat} me {dijo|aseguró} que el reembolso <number> {estaba hecho|ya salió}, {pero no llega|y el banco no ve nada}.",
        "¿{Cuándo|Para cuándo} {recupero|me devuelven} los <amount> de <product>?",
        "{Solo una parte|La mitad} {del dinero|del abono} de <product> {ha llegado|está en mi cuenta}, {faltan <amount>|el resto no}.",
    ],
    "payment": [
        "{El cobro|El pago} de <product> fue {rechazado|denegado}{ aunque hay saldo|}.",
        "{Quiero|Necesito|Quisiera} {cambiar|actualizar} {la tarjeta|la cuenta bancaria} de <product>.",
        "El {cobro|pago} de <amount> {falló|no se realizó}{ y no sé por qué|}.",
        "{Intenté|Intentamos} pagar <amount> {tres veces|con dos tarjetas}{ por <product>|} y {se para al final|la página me devuelve al inicio}.",
        "¿{Puedo|Sería posible} {pagar|abonar} <product> {en dos plazos|por transferencia|una semana más tarde}?",
    ],
    "connectivity": [
        "<product> {no tiene conexión|está sin servicio|no va} desde {esta mañana|ayer|anoche}.",
        "{Cada|Casi cada} {noche|hora} {se corta|se pierde} la {señal|conexión}{ de <product>|}.",
        "{La velocidad|La conexión} {es|se ha vuelto} {lentísima|inservible|una fracción de lo contratado}.",
        "{Desde la tormenta|Desde el lunes|De un tiempo a esta parte} {no hay señal|apenas hay señal} {aquí|en media casa}.",
        "{Las llamadas|Los vídeos} {se cortan|se quedan parados} {a los <few> segundos|a cada rato}, {la luz está roja|y <product> dice sin servicio}.",
    ],
    "app_failure": [
        "La {app|web} de <product> {se cierra|se bloquea} {al abrirla|cuando entro|al guardar}.",
        "{Desde|Tras} la actualización {sale|aparece} el error <number>{ en todos los equipos|}.",
        "{No carga|No se abre} {nada|ninguna página} en la app{, ya la reinstalé|}.",
        "{El botón|La opción} de {guardar|ajustes} {no hace nada|sale en gris} {en la app|desde la versión <few>}.",
        "{Veo|Me muestra} {los datos del mes pasado|una lista vacía} {en vez de|donde debería estar} <product>.",
    ],
    "device_setup": [
        "No {puedo|consigo} {terminar|completar} la {instalación|configuración} de <product>.",
        "<product> {no se conecta|no aparece|no empareja}{ con el móvil| con la central|}.",
        "{El paso|La página} <few> de la guía {no se entiende|no coincide con lo que veo}.",
        "{No soy experto|Yo de esto no sé}, pero ¿{dónde|cómo} se {enchufa|monta|enciende} <product>?",
        "{El técnico|Su instalador} {se marchó|se fue} antes de que <product> {funcionara|estuviera listo}.",
    ],
    "delivery_late": [
        "{El pedido|El paquete} <number> {debía llegar|estaba prometido} hace <days> días.",
        "El {seguimiento|rastreo} {no cambia|sigue igual} desde hace <days> días{, pedido <number>|}.",
        "{Sigo esperando|Todavía espero} <product> {que pedí|del pedido <number>}.",
        "{Me quedé|Nos quedamos} en casa {todo el día|toda la tarde} por el repartidor y {no vino nadie|nada}.",
        "{Pone|La web dice} {entregado|entrega hecha}, {pero no tengo el paquete|y aquí nadie tiene <product>}{, pedido <number>|}.",
    ],
    "wrong_item": [
        "{He recibido|Me enviaron} {otro modelo|otra cosa} en lugar de <product>{, pedido <number>|}.",
        "La caja {traía|contenía} {el producto equivocado|piezas de otro producto}.",
        "{Lo que llegó|El artículo} {no es lo que pedí|está dañado y no es el mío}.",
        "{La mitad de las piezas|La fuente} {no está|es de otro país}, pedido <number>.",
        "{A mi casa|En mi paquete} {llegó|vino} <product> de {otra persona|un desconocido}.",
    ],
    "login": [
        "{No puedo|Ya no puedo} {entrar en|acceder a} mi cuenta{ de <product>|}.",
        "El {código|correo} {no llega nunca|llega tarde}{, probé <few> veces|}.",
        "Mi cuenta {está bloqueada|fue bloqueada} {sin aviso|tras una clave mala}.",
        "{La página|El sistema} dice que {no existo|la clave está mal}, {y no es así|y estoy seguro de que es buena}.",
        "{Cambié de móvil|Mi número viejo ya no existe} y {los códigos van allí|no puedo confirmar que soy yo}.",
    ],
    "contract_change": [
        "{Quiero|Quisiera} {cambiar|mejorar|trasladar} {la tarifa|el contrato} de <product>{ el mes próximo|}.",
        "{Díganme|Quiero saber} {el plazo de aviso|la fecha de fin} del contrato{ <number>|}.",
        "Nos {mudamos|trasladamos} y {necesitamos|queremos} <product> en la nueva dirección.",
        "¿{Hay|Tienen} {algo más barato|una tarifa menor} que {lo que tengo|lo que pago por <product>}?",
        "{Mi madre|Mi pareja|Una compañera} {se queda con|pasa a ser titular de} <product>{, contrato <number>|}.",
    ],
    "pairing": [
        "<product> {no se vincula|ya no se vincula} con mi {móvil|móvil nuevo}.",
        "{El bluetooth|El móvil} {ve|encuentra} <product>, pero {la vinculación|el proceso} {falla|se para} {en el código|al <few> por ciento|siempre}.",
        "{Cada mañana|Tras cada actualización} <product> {pierde el vínculo|olvida mi móvil}.",
        "¿{Cuántos móviles|Qué móviles} se {pueden vincular|vinculan} con <product>?",
        "{He restablecido|Restablecí} <product> {y borré el vínculo|dos veces}, {ahora ni aparece|y rechaza el código <number>}.",
    ],
    "esim_activation": [
        "La eSIM de <product> {no está activa|no se puede activar|lleva <days> días pendiente}.",
        "El {código QR|código de activación} {que enviaron|de la carta} {es rechazado|no se lee}{, error <number>|}.",
        "<product> {dice|muestra} {sin red móvil|activación pendiente}, {aunque la eSIM está contratada|y mi móvil va bien}.",
        "{Cambié|He cambiado} de móvil y {la eSIM|mi número} {no pasó a|ya no está en} <product>.",
        "¿{Dónde|Cómo} {encuentro|consigo} {el código|el perfil} para {la eSIM|activar la eSIM de <product>}?",
    ],
}  # fmt: skip

SHARED_OPENINGS = [
    (("invoice_error", "payment"), [
        "{No entiendo el {cargo|adeudo} de <amount> {en mi tarjeta|en mi cuenta}.|¿Me explican el {cargo|adeudo} de <amount>?}",
        "{Me han quitado|Alguien sacó} <amount> {de la cuenta|de la tarjeta} {por <product>|el día <few>}.",
    ]),
    (("invoice_error", "refund"), ["{He pagado|Pagué} <amount> de más por <product> y {los quiero de vuelta|quisiera recuperarlos}."]),
    (("invoice_error", "contract_change"), ["{El precio|Lo que pago} de <product> {subió|es más alto} {y nadie avisó|desde el mes pasado}."]),
    (("refund", "wrong_item"), ["<product> {vuelve a ustedes|va de vuelta con el mensajero}{, pedido <number>|}, ¿{y ahora qué|qué sigue}?"]),
    (("refund", "delivery_late"), ["{Pagué|Pagamos} <amount> y {no tengo nada|hasta ahora nada}{, pedido <number>|}."]),
    (("payment", "login"), ["{No consigo|Es imposible} llegar a la {página de pago|página de mi tarjeta}{ de <product>|}."]),
    (("connectivity", "app_failure"), ["{Nada|Ya nada} {funciona|responde} {desde ayer|cuando uso <product>}{, error <number>|}.", "<product> {no reacciona|se cuelga|se queda cargando} {desde esta mañana|casi siempre}."]),
    (("connectivity", "device_setup"), ["<product> {no conecta|parpadea en rojo|no pasa a verde}{ y lo probé todo|}."]),
    (("app_failure", "login"), ["{La página|La app} {me echa|me devuelve al inicio} {al minuto|cada vez}."]),
    (("device_setup", "wrong_item"), ["{El cable|Una pieza} {de la caja|de <product>} {no encaja|falta}."]),
    (("delivery_late", "wrong_item"), ["{Solo la mitad|Solo una parte} del pedido <number> {llegó|está aquí}."]),
    (("login", "contract_change"), ["{Necesito|Quiero} cambiar {el correo|el nombre} {de mi cuenta|del contrato de <product>}."]),
    (("pairing", "device_setup"), ["{No logro|No hay forma de} que <product> y {mi móvil|la app} {se entiendan|funcionen juntos}."]),
    (("pairing", "connectivity"), ["<product> {pierde|no deja de perder} {la conexión|el contacto} {cada pocos minutos|al salir de la sala}."]),
    (("pairing", "app_failure"), ["La app {no ve|no encuentra} <product>{ desde la actualización|}."]),
    (("esim_activation", "connectivity"), ["<product> {no tiene red|no muestra señal} {desde esta mañana|otra vez}."]),
    (("esim_activation", "contract_change"), ["{El nuevo contrato|La nueva tarifa} de <product> {aún no está en marcha|ya debería valer}{, contrato <number>|}."]),
]  # fmt: skip

# A second topic in passing: a lead and a clause.
ASIDE_LEADS = [
    "{Por cierto|Además|De paso}, ", "{Otra cosa|Una cosa más}: ", "{Ya que escribo|Aprovecho el mensaje}: ",
    "{No es tan importante, pero|Ah, y} ", "{Cambiando de tema|Aparte}: ",
]  # fmt: skip
ASIDES = {
    "invoice_error": ["{la factura del mes pasado|la última factura} {tampoco cuadra|también parece mal}.", "{hay|veo} un cargo de <amount> que {nadie explicó|no conozco}."],
    "refund": ["{nunca vi|falta todavía} {el reembolso|el abono} {de <amount>|de primavera}.", "{todavía me deben|siguen debiéndome} <amount>."],
    "payment": ["{mi nueva tarjeta|la nueva cuenta} {no consta aún|sigue sin estar registrada}.", "el {último|anterior} {pago|cobro} {fue devuelto|llegó tarde}."],
    "connectivity": ["{la línea|la señal} {también se corta|va floja} {a veces|por la noche}.", "{la conexión|internet} {podría ir más rápido|va lento a ratos}."],
    "app_failure": ["{la app|la web} {se cierra mucho|da el error <number>}.", "{la mitad|casi todos} de los menús de la app {están vacíos|no se abren}."],
    "device_setup": ["{nunca conseguí|no logré} {instalar|configurar} el {segundo aparato|repetidor}.", "la guía {no ayuda|no trae la página <few>}."],
    "delivery_late": ["{el paquete|el pedido <number>} {tampoco ha llegado|también se retrasa}.", "{el mensajero|su repartidor} {no vino|vino otro día} {otra vez|la semana pasada}."],
    "wrong_item": ["{una pieza|el cable} {del último paquete|de la caja} {no era|no encajaba}.", "{aún tengo|guardo} {un aparato|un artículo} que {no es mío|nunca pedí}."],
    "login": ["{mi mujer|mi compañero} {no puede entrar|tiene la cuenta bloqueada}.", "{los códigos|sus códigos} {llegan tarde|no llegan por SMS}."],
    "contract_change": ["¿{cuándo|en qué mes} {acaba|vence} mi contrato?", "{nos mudamos|cambiamos de casa} {en otoño|pronto}, ¿{se puede llevar la línea|qué hay que hacer}?"],
    "pairing": ["{el reloj|el aparato} {pierde mi móvil|se desvincula} {de noche|de vez en cuando}.", "¿{puedo|cómo puedo} vincular {otro móvil|mi tableta}?"],
    "esim_activation": ["la eSIM {sigue sin activar|está pendiente}.", "¿{necesito|dónde está} {otro código|el código QR} para la eSIM?"],
}  # fmt: skip

SLOTS: dict[str, list[list[str]]] = {
    # by the customer's manners: formal, easy, hurried
    "greeting": [
        ["{Buenos días|Buenas tardes|Estimado equipo|Estimados señores|Muy señores míos},", "{Estimado|Apreciado} {servicio de atención|equipo de soporte}:"],
        ["{Hola|Buenas|Hola a todos|Hola, equipo|Qué tal},", "{Hola|Buenas}{ otra vez|},", ""],
        ["", "", "{hola|buenas|ey}", "{Rápido|Yo otra vez}:"],
    ],
    "signoff": [
        ["{Saludos cordiales|Un cordial saludo|Atentamente|Reciban un saludo}", "{Gracias de antemano|Quedo a la espera de su respuesta|Agradecido}"],
        ["{Gracias|Muchas gracias|Saludos|Un saludo|Gracias a todos}", "{Gracias de antemano|Quedo a la espera|Buen día}", ""],
        ["", "", "{grax|gracias|slds}", "{Enviado desde el móvil|Llámenme}"],
    ],
    # how much went before: first time, again, many times
    "history": [
        [
            "Es la primera vez {que pasa|que me ocurre}.", "{Hasta ahora|Antes} {todo iba|funcionaba} bien.", "", "{Ya miré|No encontré nada en} la ayuda.",
            "{Nunca tuve|Jamás había tenido} {problemas|una avería} {antes|con ustedes}.", "{Hasta la semana pasada|Hasta el domingo} {iba perfecto|no pasaba nada}.",
        ],
        [
            "{Lo mismo|Esto} {pasó|ocurrió} {ya |}{el mes pasado|hace unas semanas}.", "{Ya llamé|Ya escribí} {una vez|antes} por {esto|lo mismo}.",
            "{Aguantó|Fue bien} {un tiempo|dos semanas} {tras el arreglo|tras su llamada}, {y ha vuelto|y vuelta a empezar}.", "{Debe haber|Verán} {un caso anterior|una nota} {sobre esto|con el número <number>}.",
        ],
        [
            "{Es|Ya es} la {tercera|cuarta|quinta} vez {que aviso|que lo cuento}{, siempre a otra persona|}.", "{Varios|Tres|Cuatro} {compañeros|departamentos} {lo han visto|ya lo tocaron}{ y nada cambia|}.",
            "{Siempre|Cada vez} {vuelve|reaparece} {a los pocos días|un poco distinto}.", "{He perdido la cuenta|Ya no cuento} de las veces que {lo expliqué|conté esto}.",
            "{Caso <number>, caso <number>|Miren los casos anteriores}, {siempre igual|y aquí seguimos}.",
        ],
    ],
    # tone 0 friendly to 4 furious
    "tone": [
        [
            "{No hay prisa|Sin prisa}{, cuando puedan|}.", "{Seguro que|Creo que} es {poca cosa|fácil}.", "{Siempre me han ayudado bien|Hasta hoy estoy contento}.", "¿{Podrían|Pueden} {por favor |}{mirarlo|revisarlo}?",
            "{Gran servicio|Muy rápidos}, como siempre.", "{Quizá|A lo mejor} {soy yo quien se equivoca|se me escapa algo}.", "{No es|Tampoco es} {un drama|nada grave}{, solo quería comentarlo|}.",
            "{Agradezco|Gracias por} {la ayuda|su trabajo}{ de verdad|}.", "{Cuando|Si} {alguien tenga|tengan} un {rato|momento}{ esta semana|}.",
        ],
        [
            "{Por favor|Les ruego}, {revisen|miren} {esto|el asunto}.", "{Quisiera|Me gustaría} saber {cómo sigue|en qué punto está}.", "{Díganme|Avísenme} {qué falta|qué necesitan}.", "¿{Cuánto tarda esto|Cuándo se resuelve} {normalmente|más o menos}?",
            "¿{Cuál|Qué} {es|sería} el siguiente paso{ por su parte|}?", "{Adjunto|Puedo enviar} {lo que tengo|los datos} {si ayuda|si hace falta}.", "{Estoy localizable|Me encuentran} {por teléfono|por la tarde}{ en el <number>|}.",
            "{Para mis notas|Solo por saberlo}: ¿{quién|qué equipo} {lo lleva|lo tiene}?",
        ],
        [
            "{Esperaba|Esperábamos} {más rapidez|mejor servicio}.", "{Esto|Ya} {empieza a ser|se hace} {molesto|pesado|incómodo}.", "{No estoy|No quedo} {contento|nada contento|satisfecho} con {esto|la atención}.", "{Nadie|Ninguno} {parece saber|sabe decir} {qué pasa|quién se encarga}.",
            "{No es precisamente|Poco tiene que ver con} {lo que prometen|lo que dice el anuncio}.", "{Tengo|Uno tiene} cosas mejores que hacer {un domingo|que esto}.", "{Podía|Debería} haber {sido|salido} {más sencillo|mejor}.",
            "{Me dijeron|Se me dijo} {otra cosa|algo distinto}{ la última vez|}.", "{Mi paciencia|Mi buena fe} {se agota|tiene un límite}.",
        ],
        [
            "{Estoy|Me siento} {muy|realmente|seriamente} {decepcionado|frustrado|descontento} {con ustedes|a estas alturas}.", "{Esto|Este servicio} {es|resulta} {inaceptable|muy deficiente|intolerable}.", "{Siempre|Solo} {me pasan de uno a otro|recibo respuestas vacías|preguntan lo mismo}.",
            "¿{Cómo|Por qué} {puede ser|es} tan difícil {contestar|resolverlo}?", "{Gran servicio|Muy rápidos}, como siempre.", "{Empiezo|Uno empieza} a {preguntarme|pensar} {para qué pago|por qué sigo aquí}.",
            "¿{Hay alguien|Existe alguien} {responsable|al mando} {de algo|ahí}?", "{Me lo advirtieron|Tenía que haber leído las opiniones}{, ahora entiendo|}.", "{Otra|Una más} {respuesta copiada|frase hecha} {no ayuda|no sirve}.",
        ],
        [
            "¡{Esto es|Es} {una vergüenza|una tomadura de pelo|un escándalo}{!|!!}", "¡{Estoy harto|Estamos furiosos|Estoy hasta las narices}{!| de ustedes!}", "{Jamás|Nunca} {he visto|vi} {tanta incompetencia|un trato tan malo}{!|.}", "¡{Son|Sois} {unos inútiles|un desastre}{!!|!}",
            "{Qué bien|Estupendo}, {otro día|otra promesa} {y nada|más}. ¡{Bravo|Enhorabuena}!", "{Gran servicio|Muy rápidos}, como siempre.", "¿{Leen|Entienden} {siquiera |}lo que {escribe la gente|uno escribe}{?|?!}",
            "{Guárdense|Pueden quedarse} {las disculpas|sus frases}{ de una vez|}.", "{Gracias|Muchas gracias} por {nada|otro día perdido}.", "¡{Qué vergüenza|Qué circo|Increíble}{!|!!!}",
        ],
    ],
    # how pressing: can wait, soon, now
    "urgency": [
        ["", "", "{Puede esperar|No corre prisa}{ por mi parte|}.", "{La semana que viene|Este mes} {me vale|está bien}.", ""],
        [
            "{Lo necesito|Lo necesitamos} {antes del|para el} {viernes|fin de semana}.", "{Es|Nos resulta} {urgente|bastante urgente}{ porque trabajo en casa| para nosotros|}.",
            "{El lunes|En dos días} {viajo|tengo visita}, {para entonces debe ir|tiene que estar hecho}.", "Cuanto antes{ se haga|}, mejor.",
        ],
        [
            "{Perdemos|Estoy perdiendo} {clientes|dinero|trabajo} {cada día|por esto}.", "{Todo|Mi negocio} {está parado|está bloqueado} {sin esto|hasta que actúen}.", "{Necesito|Exijo} {una solución|respuesta} {hoy|ahora mismo|en una hora}.",
            "{Mis clientes|Los clientes} {se van|no me localizan} {mientras escribo|ahora mismo}.", "{Estoy|Estamos} aquí {sin poder hacer nada|de brazos cruzados}.", "{Mi madre|Mi padre} {depende de ello|no puede pedir ayuda sin eso}.",
        ],
    ],
    "waiting": [
        ["¿{Hay|Tienen} {novedades|alguna noticia}?", "{Escribí|Mandé un mensaje} {esta mañana|hace unas horas}{ y nada|}.", "¿{Recibieron|Han visto} mi {mensaje|correo}?", "{Solo pregunto|Pregunto} si {alguien lo tiene|lo están viendo}."],
        ["{Espero|Sigo esperando} desde {ayer|ayer por la mañana}.", "{Ha pasado|Ya va} {un día|más de un día}{ desde mi mensaje|}.", "{Ayer|Hace un día} {escribí|pregunté}{ y sigo sin respuesta|}.", "{Dijeron|Su correo dice} {en un día|24 horas}{. En fin|}."],
        ["<days> días {sin|y ni} {una respuesta|una palabra}{ suya|}.", "{Llevo|Llevamos} <days> días {esperando|sin respuesta}.", "{Esto|El caso} lleva {ahí|en su mesa} <days> días.", "{Mi último mensaje|Lo que escribí} es de hace <days> días."],
        ["{Más de|Van ya} {una semana|<days> días} {y nada|de silencio}.", "¡<days> días! ¿{Alguien lee esto|Hay alguien ahí}?", "{Cuento|Según mi cuenta van} <days> días{ desde su última palabra|}.", "{Pasan las semanas|Otra semana más} y {nadie se mueve|todo en silencio}.", "¿{Se olvidaron|Se han olvidado} {de mí|del caso}{ tras <days> días|}?"],
    ],
    "threat": [[
        "{Quiero|Exijo} hablar con {un responsable|su superior|un encargado}{ ya|}.", "{Voy a|Vamos a} {poner|presentar} {una reclamación formal|una queja en consumo}.", "{Mi abogado|Nuestro departamento legal} {se pondrá en contacto|está avisado}.",
        "{Voy a|Pienso} {darme de baja|irme a la competencia|publicarlo en redes}.", "{Escalen esto|Páseme con su jefe}{, por favor| de inmediato|}.",
        "{Guardo|He guardado} {copia|constancia} de {todo|cada mensaje}, {a otros les interesará|al regulador le gustará}.", "{La competencia|La compañía de al lado} {tiene una oferta|coge el teléfono}, {que lo sepan|la estoy mirando}.",
        "Si no se {arregla|resuelve} {mañana|esta semana}, {dejo de pagar|habrá consecuencias}.", "{Al periódico local|A la asociación de consumidores} le {gustará|interesará} {la historia|el caso}.", "{Me pregunto|A ver} qué {dice|opina} {su director|la dirección}{, tengo las señas|}.",
    ]],
    "info": [[
        "{Aquí va|Adjunto} {la foto|la captura|la información} {que pidieron|solicitada}.", "{El|Mi} número de {serie|pedido|cliente} es <number>.", "{Ya probé|Hice} {eso|lo que dijeron}, {sigue igual|sin cambios}.", "{Sí|Correcto}, {pasa|ocurre} {en todos los equipos|desde el día <few>}.",
        "{Reinicié|Reseteé} {dos veces|otra vez}{, error <number>|}.", "{Detrás|En la etiqueta} pone <number>.", "{Empezó|Comenzó} {la semana pasada|hace unos <days> días}{, tras la actualización|}.", "{No|No, eso no}, {la luz está verde|el cable está bien}.",
        "{Espero|Ojalá} que {sirva|baste}: {<number>|vean la foto}.", "{Como dije|Como ya escribí}, {el número es <number>|en dos aparatos}.",
    ]],
    "still": [[
        "{No está|Sigue sin estar} {resuelto|arreglado}.", "{Lo cerraron|Marcaron el caso como resuelto} {pero|aunque} {no funciona|el problema sigue}.", "{El mismo|Ese} {fallo|problema} {ha vuelto|está otra vez} {hoy|al día siguiente}.", "{Reabran|Tengo que reabrir} {esto|el caso}{, lo siento|}.",
        "¿{Resuelto|Arreglado}? {Aquí no|Para mí no}.", "{Funcionó|Aguantó} {una hora|hasta esta mañana}{ y se acabó|}.", "{Yo no lo|A eso no lo} {llamaría|llamo} {resuelto|solución}.", "{Un paso|Una parte} {va|está mejor}, {el resto no|pero no todo}.",
    ]],
    # agents: formal, warm, terse
    "agent_greeting": [
        ["{Estimado cliente|Buenos días|Muy señor mío}:", "{Estimado cliente|Buenos días}: {gracias por contactarnos|acusamos recibo de su mensaje}.", "{En relación con|Respecto a} {su mensaje|su solicitud}:"],
        ["¡{Hola|Muy buenas}!", "{Hola|Buenas}, {muchas gracias|mil gracias} por {su mensaje|escribirnos|su paciencia}.", "{Hola|Buenas}, {qué bien saber de usted|espero que esté bien}."],
        ["{Hola|Buenas}.", "", "", "{Sobre su mensaje|Novedades}:"],
    ],
    "agent_sorry": [
        ["{Le pedimos disculpas|Rogamos disculpe} por {el retraso|las molestias|la demora}.", "{Lamentamos|Lamento} {la espera|que la gestión se haya demorado}."],
        ["{Siento mucho|De verdad sentimos} {la espera|el retraso|haberle hecho esperar}.", "{Sé|Entiendo} {que es un fastidio|lo molesto que es}{ y lo siento|}."],
        ["Perdón por {el retraso|la espera}.", "{Disculpe|Perdone}{, mucho trabajo hoy|}."],
    ],
    "agent_progress": [
        ["{Su caso|El asunto} {se está tramitando|está siendo examinado|está en manos de los especialistas}.", "{Le informaremos|El departamento le informará} {en cuanto|cuando} {concluya la revisión|haya un resultado}.", "{El análisis|La revisión} {sigue en curso|requiere algo más de tiempo}.", "{El asunto|Su solicitud} {se ha remitido|se ha trasladado} a {los especialistas|el equipo responsable}."],
        ["{Estoy|Estamos} {en ello|mirándolo} y {le cuento pronto|le mantengo al tanto}.", "{He preguntado|Acabo de hablar} con {los especialistas|los técnicos} {sobre su caso|y ya están en ello}.", "{Un poco de paciencia|Aguante un poquito}, {no le hemos olvidado|ya casi estamos}.", "{Prefiero|Déjeme} mirarlo {bien|otra vez} {antes de contestar deprisa|y no decir cualquier cosa}."],
        ["{En revisión|En curso|En trámite}.", "{Pasado|Enviado} a {técnicos|especialistas|segunda línea}.", "{Sin resultado|Nada} aún{, aviso|}.", "{Comprobando|Probando}. {Aviso luego|Informaré}."],
    ],
    "agent_ask": [[
        "¿{Podría|Puede} {enviarnos|mandar} {una captura|el número de serie|el número de pedido|una foto de la etiqueta}?", "¿{Ha probado|Probó} {a reiniciar|con otro navegador|los pasos de la guía}?", "¿{Desde cuándo|Cuándo} {exactamente |}{ocurre|empezó}?",
        "¿Qué {versión|modelo|luz} {ve|se muestra}{ en el aparato|}?", "¿{Ocurre|Le pasa} {también en otros equipos|a ciertas horas}?", "{Para seguir|Para el siguiente paso} {necesitamos|necesito} {el número de la etiqueta|su confirmación}.",
    ]],
    "agent_hold": [[
        "{Esperamos|Estoy a la espera de} {la respuesta del proveedor|la respuesta de la red|noticias del transportista}{, puede tardar unos días|}.", "{El recambio|El repuesto} {está pedido|está en camino}.",
        "{Un técnico|El equipo de campo} {irá|tiene cita} {dentro de <days> días|la semana próxima}.", "{La reparación|La actualización} {depende|está en manos} {del fabricante|de otro equipo}{, estamos encima|}.",
    ]],
    "agent_solution": [
        ["{Hemos|He} {corregido|emitido de nuevo} la factura{ y abonado <amount>|}.", "{El reembolso|El abono de <amount>} {está enviado|va en camino}{, referencia <number>|}.", "{El pago ya está registrado|Su tarjeta ya funciona}.", "{El cargo|El concepto extra} {está anulado|queda anulado}{, lo verá en la próxima factura|}.", "{Los nuevos datos|Los datos bancarios} {están guardados|valen desde el mes próximo}."],
        ["{Hemos|He} {reiniciado|restablecido} la línea, {ya debería funcionar|pruebe de nuevo}.", "La versión <few> {lo arregla|lo corrige}{, instálela por favor|}.", "{La avería está reparada|El corte ya se resolvió}.", "{Envié|Hemos enviado} {nuevos ajustes|un perfil nuevo} al aparato, {reinícielo|espere diez minutos}.", "{Un cable dañado|Un ajuste malo} {era la causa|tenía la culpa}, {ya está|todo en orden}."],
        ["{El paquete|Su pedido} <number> {sale a reparto|se entregó hoy}.", "{El recambio|El artículo correcto} {va en camino|fue enviado}{, seguimiento <number>|}.", "{El mensajero|El almacén} {lo encontró|localizó el paquete}{, llega mañana|}.", "{La etiqueta|La etiqueta de devolución} {está en su correo|va adjunta}, {enviamos el correcto|guarde la caja}."],
        ["{Su cuenta está desbloqueada|El acceso funciona de nuevo}{, elija otra clave|}.", "{El cambio está hecho|Su nueva tarifa vale desde el mes próximo}.", "{El nuevo domicilio|El nuevo teléfono} {consta ya|está guardado}.", "{El contrato|Su contrato} {termina|dura hasta} {el día <few>|fin de año}{, como pidió|}."],
    ],
    "agent_signoff": [
        ["{Atentamente|Reciba un cordial saludo|Le saluda atentamente}, {atención al cliente|el departamento de servicio}", "{No dude en contactarnos|Quedamos a su disposición}. {Atentamente|Un cordial saludo}"],
        ["¡{Que tenga un día estupendo|Un abrazo|Cuídese}!", "{Un saludo afectuoso|Saludos}, {su equipo|sus compañeros de atención}", "{Escríbame|Aquí estoy} si {algo no queda claro|me necesita}."],
        ["", "", "{Saludos|Soporte|Servicio técnico}"],
    ],
    "note": [[
        "{Revisado|Mirado} {el registro|la cuenta|el historial}, {nada raro|ver arriba|necesita segunda línea}.", "{Cliente|El cliente} {está|parece} {tranquilo|bien|molesto|muy enfadado}{, tratar con cuidado|}.", "{Esperando a|Preguntado a} {facturación|redes|almacén|la coordinadora}.", "{Incidencia conocida|Parecido a} <number>.",
        "{Probado|Hecho} {reinicio|test remoto}, {sin efecto|de momento bien}.", "{Dos temas aquí|Segundo tema}, {primero el principal|ver abajo}.", "{Prometida|Acordada} {una llamada|una respuesta} {mañana|para el viernes}.",
    ]],
    "note_phone": [["{El cliente|Cliente} {llamó|ha llamado} {por|preguntando por} {el estado|novedades}.", "{Llamada|Teléfono}: {quiere saber|pregunta} {cómo va|cuándo estará}.", "{Atendida llamada|Hablé con cliente}, {explicado el estado|sin novedades}."]],
    "note_handoff": [["{Lo paso|Traslado}, {fin de turno|no es mi área|hacen falta otros conocimientos}.", "{Por favor, síguelo|Te lo dejo}, {historial arriba|detalles en el caso}.", "{Se me escapa|No es nuestro}, {échale un ojo|creo que es vuestro}.", "{Reasigno|A tu equipo}: {ver último mensaje|el cliente espera}."]],
    "survey_good": [["{Buen|Gran} {servicio|trato}{!|.|}", "{Resuelto|Arreglado} {enseguida|rápido}{, gracias|}", "{La agente|Ella|Él} {escuchó|tuvo paciencia} y {ya funciona|sabía la respuesta}.", "{Sin quejas|Todo bien|Mejor de lo esperado}{.|}"]],
    "survey_bad": [["{Tardaron|Tardó} {demasiado|una eternidad}.", "{Nadie|Ninguno} {escuchó|ayudó}{!|.}", "{El problema|La avería} {sigue|volvió}.", "{Mal|Pésimo} {servicio|trato}{!|}", "{Estupendo|Qué bien}, {lo expliqué cuatro veces|solo fueron semanas}.", "{Amables|Correctos}, pero {sin solución|no pasó nada}."]],
}  # fmt: skip

# Said at two neighbouring levels: entry k belongs to the levels k and k + 1.
BETWEEN: dict[str, list[list[str]]] = {
    "tone": [
        ["¿{Puede|Podría} {alguien|uno de ustedes} {mirarlo|echar un vistazo}{, por favor|}?", "Gracias por {ocuparse|mirarlo}{ pronto|}.", "{Espero|Ojalá} que {tenga arreglo|sea rápido}.", "{Una respuesta breve|Una respuesta rápida} {estaría bien|me basta}."],
        ["No {acabo de|logro} {entender|ver} {por qué|cuál es el problema}.", "{Sigo sin|Aún no tengo} respuesta {a mi pregunta|a lo que pregunté}.", "{Preferiría|Preferiríamos} {una respuesta clara|hablar siempre con la misma persona}.", "{Esto|Algo así} no {debería ser tan difícil|puede tardar tanto}, ¿{no|verdad}?"],
        ["{Pierdo|Estoy perdiendo} la paciencia{ con esto|}.", "{Francamente|Para ser sincero}, {esperaba más|esto decepciona}.", "{No tengo|Nadie tiene} tiempo para {esto|juegos}.", "{Una vez más|Otra vez} {tengo que|toca} {preguntar|explicarme|insistir}."],
        ["Ya {basta|está bien}{!|.}", "{Se acabó|Hasta aquí}{, de verdad|}{!|.}", "¿{Qué empresa es esta|Cómo es posible algo así}{?|?!}", "{Prometieron|Dijeron} que {iría|habría solución} {y nada|y ahora esto}{!|.}", "¿{En serio|De verdad}{?|?!}"],
    ],
    "urgency": [
        ["{Esta semana|En unos días} {estaría bien|me iría bien}.", "{Por favor, no lo dejen mucho|Si puede ser, no muy tarde}{, gracias|}."],
        ["{No puedo|No podemos} esperar {mucho más|mucho}.", "{Tiene que|Debe} {funcionar|estar} {mañana|muy pronto}.", "{Dependemos|Dependo} de {ello|esto}{ cada día|}."],
    ],
    "waiting": [
        ["{No sé|No sabemos} nada{ de ustedes|}{ todavía|}.", "{Sigo|Aquí sigo} esperando{ respuesta|}."],
        ["{Sin respuesta|Nada} {hasta ahora|aún}.", "¿{Cuánto|Cuánto más} {hay que|tengo que} esperar?"],
        ["{Pasan|Van pasando} los días {sin respuesta|y nada}.", "¿{Hay alguien|Sigue alguien ahí}?"],
    ],
    "history": [
        ["{Quizá|Puede que} {esto|algo así} ya {pasara|ocurriera}{, no estoy seguro|}.", "{No soy|Seguro que no soy} el único{ con esto|}."],
        ["{No es la primera vez|Una vez más}.", "{Ya conocen la historia|Tendrán mis notas} de {la otra vez|entonces}."],
    ],
}  # fmt: skip
