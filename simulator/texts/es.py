"""Spanish wording. `{a|b}` is a choice; `<product>`, `<number>`, `<amount>`, `<days>` are filled in."""

# ruff: noqa: E501 (one template list a line reads best)
from __future__ import annotations

JOINER = " "
PUNCTUATION: dict[int, int] = {}

PRODUCTS = (
    "la fibra", "la tarifa móvil", "el decodificador", "el kit domótico", "el almacenamiento en la nube",
    "la línea de empresa", "el router", "el paquete de seguridad",
)  # fmt: skip

SUBJECTS = {
    "invoice_error": ["{Importe|Cargo} {erróneo|incorrecto} en {mi|la última} factura", "Factura <number> {mal calculada|no cuadra}", "{Cobro|Cargo} de <amount> {duplicado|de más} por <product>"],
    "refund": ["{Reembolso|Devolución} de <product>{ pendiente|}", "¿{Dónde está|Cómo va} mi reembolso{ de <amount>| <number>}?", "{Reembolso|Dinero} {no recibido|sin llegar}"],
    "payment": ["{Pago|Tarjeta} {rechazado|denegado}", "{Cambiar|Actualizar} {la tarjeta|los datos de pago}", "{Domiciliación|Pago} de <product>"],
    "connectivity": ["{Sin|No tengo} {conexión|internet|servicio} {desde ayer|otra vez|en casa|}", "<product>: {se corta|no funciona|caída}", "{Conexión|Velocidad} {muy lenta|inestable}"],
    "app_failure": ["La {app|aplicación} {se cierra|se bloquea|no abre}", "<product>: error <number>", "{Pantalla en blanco|No carga nada} {tras la actualización|en la app}"],
    "device_setup": ["{Ayuda con|No puedo terminar} la {instalación|configuración} de <product>", "<product> {no se empareja|no se reconoce}", "{Duda|Problema} de {instalación|configuración}"],
    "delivery_late": ["{Pedido|Paquete} <number> {no ha llegado|retrasado|perdido}", "¿{Dónde está|Cuándo llega} {mi pedido|<product>}?", "{Entrega|Envío} {con retraso|atrasado}"],
    "wrong_item": ["{Artículo|Modelo} {equivocado|distinto}", "{He recibido|Llegó} {otra cosa|un producto equivocado}", "{Cambio|Canje} del pedido <number>"],
    "login": ["{No puedo|Imposible} {entrar|iniciar sesión|cambiar la clave}", "{Cuenta|Usuario} {bloqueada|bloqueado}", "{El código|El SMS} {no llega|de verificación}"],
    "contract_change": ["{Cambio|Mejora} de {tarifa|contrato}", "{Duda sobre|Fin de} {mi contrato|la permanencia}", "{Mudanza|Cambio de domicilio}: <product>"],
}  # fmt: skip

OPENINGS = {
    "invoice_error": ["{Mi|La} última factura de <product> {muestra|trae|indica} <amount>, {que no es lo pactado|mucho más de lo normal}.", "{Me han cobrado|Habéis cobrado} {dos veces|por duplicado} <product>{ este mes|}, factura <number>.", "Hay {un error|una equivocación} en la factura <number>: {un concepto|un cargo} {desconocido|extra} de <amount>."],
    "refund": ["{Espero|Sigo esperando} un reembolso de <amount> por <product>{, referencia <number>|}.", "{Devolví|Envié de vuelta} <product> {hace semanas|el mes pasado} y {no he visto|todavía falta} el dinero.", "{Un compañero|El chat} me {dijo|aseguró} que el reembolso <number> {estaba hecho|ya salió}, {pero no llega|y el banco no ve nada}."],
    "payment": ["{Mi tarjeta|El pago} de <product> fue {rechazado|denegado}{ aunque hay saldo|}.", "{Quiero|Necesito|Quisiera} {cambiar|actualizar} {la tarjeta|la cuenta bancaria} de <product>.", "El {cobro|pago} de <amount> {falló|no se realizó}{ y no sé por qué|}."],
    "connectivity": ["<product> {no tiene conexión|está sin servicio|no va} desde {esta mañana|ayer|anoche}.", "{Cada|Casi cada} {noche|hora|pocos minutos} {se corta|se pierde} la {señal|conexión}.", "{La velocidad|La conexión} {es|se ha vuelto} {lentísima|inservible|una fracción de lo contratado}."],
    "app_failure": ["La {app|web} de <product> {se cierra|se bloquea} {al abrirla|cuando entro|al guardar}.", "{Desde|Tras} la actualización {sale|aparece} el error <number>{ en todos los equipos|}.", "{No carga|No se abre} {nada|ninguna página} en la app{, ya la reinstalé|}."],
    "device_setup": ["No {puedo|consigo} {terminar|completar} la {instalación|configuración} de <product>.", "<product> {no se conecta|no aparece|no empareja} {con el móvil|con la central|}.", "{El paso|La página} <number> de la guía {no se entiende|no coincide con lo que veo}."],
    "delivery_late": ["{El pedido|El paquete} <number> {debía llegar|estaba prometido} hace <days> días.", "El {seguimiento|rastreo} {no cambia|sigue igual} desde hace <days> días{, pedido <number>|}.", "{Sigo esperando|Todavía espero} <product> {que pedí|del pedido <number>}."],
    "wrong_item": ["{He recibido|Me enviaron} {otro modelo|otra cosa} en lugar de <product>{, pedido <number>|}.", "La caja {traía|contenía} {el producto equivocado|piezas de otro producto}.", "{Lo que llegó|El artículo} {no es lo que pedí|está dañado y no es el mío}."],
    "login": ["{No puedo|Ya no puedo} {entrar en|acceder a} mi cuenta{ de <product>|}.", "El {código|correo} {no llega nunca|llega tarde}{, probé <number> veces|}.", "Mi cuenta {está bloqueada|fue bloqueada} {sin aviso|tras una clave mala}."],
    "contract_change": ["{Quiero|Quisiera} {cambiar|mejorar|trasladar} {la tarifa|el contrato} de <product>{ el mes próximo|}.", "{Dígame|¿Cuál es} {el plazo de aviso|la fecha de fin} del contrato{ <number>|}.", "Nos {mudamos|trasladamos} y {necesitamos|queremos} <product> en la nueva dirección."],
}  # fmt: skip

SLOTS: dict[str, list[list[str]]] = {
    "greeting": [["{Hola|Buenas|Buenos días|Buenas tardes|Estimado equipo|Hola a todos},", "", ""]],
    "signoff": [["{Gracias|Muchas gracias|Saludos|Un saludo|Atentamente}", "", "{Gracias de antemano|Quedo a la espera}"]],
    "history": [
        ["Es la primera vez {que pasa|que me ocurre}.", "{Hasta ahora|Antes} {todo iba|funcionaba} bien.", "", "{Ya miré|No encontré nada en} la ayuda."],
        ["{Lo mismo|Esto} {pasó|ocurrió} {ya |}{el mes pasado|hace unas semanas}.", "{Ya llamé|Ya escribí} {una vez|antes} por {esto|lo mismo}."],
        ["{Es|Ya es} la {tercera|cuarta|quinta} vez {que aviso|que lo cuento}{, siempre a otra persona|}.", "{Varios|Tres|Cuatro} {compañeros|departamentos} {lo han visto|ya lo tocaron}{ y nada cambia|}.", "{Siempre|Cada vez} {vuelve|reaparece} {a los pocos días|un poco distinto}."],
    ],
    "tone": [
        ["{No hay prisa|Sin prisa}{, cuando puedan|}.", "{Seguro que|Creo que} es {poca cosa|fácil}.", "{Siempre me han ayudado bien|Hasta hoy estoy contento}.", "¿{Podrían|Pueden} {por favor |}{mirarlo|revisarlo}?"],
        ["{Por favor|Les ruego} {revisen|miren} {esto|el asunto}.", "{Quisiera|Me gustaría} saber {cómo sigue|en qué punto está}.", "{Díganme|Avísenme} {qué falta|qué necesitan}.", "¿{Cuánto|Cuándo} {tarda|se resuelve} {normalmente|esto}?"],
        ["{Esperaba|Esperábamos} {más rapidez|mejor servicio}.", "{Esto|Ya} {empieza a ser|se hace} {molesto|pesado|incómodo}.", "{No estoy|No estamos} {contento|nada contentos|satisfecho} con {esto|la atención}.", "{Nadie|Ninguno} {parece|sabe} {saber|decir} {qué pasa|quién se encarga}."],
        ["{Estoy|Estamos} {muy|realmente|seriamente} {decepcionado|frustrado|descontento} {con ustedes|a estas alturas}.", "{Esto|Este servicio} {es|resulta} {inaceptable|muy deficiente|intolerable}.", "{Siempre|Solo} {me pasan de uno a otro|recibo respuestas vacías|preguntan lo mismo}.", "¿{Cómo|Por qué} {puede ser|es} tan difícil {contestar|resolverlo}?"],
        ["¡{Esto|Es} {es |}{una vergüenza|una tomadura de pelo|un escándalo}{!|!!}", "¡{Estoy|Estamos} {harto|furiosos|hasta las narices}{!| de ustedes!}", "{Jamás|Nunca} {he visto|vi} {tanta incompetencia|un trato tan malo}{!|.}", "¡{Son|Sois} {unos inútiles|un desastre}{!!|!}", "{Qué bien|Estupendo}, {otro día|otra promesa} {y nada|perdida}. ¡{Bravo|Enhorabuena}!"],
    ],
    "urgency": [
        ["", "", "{Puede esperar|No corre prisa} {a la semana que viene|por mi parte}."],
        ["{Lo necesito|Lo necesitamos} {antes del|para el} {viernes|fin de semana}.", "{Es|Nos resulta} {urgente|bastante urgente} {porque trabajo en casa|para nosotros|}."],
        ["{Perdemos|Estoy perdiendo} {clientes|dinero|trabajo} {cada día|por esto}.", "{Todo|Mi tienda} {está parado|está bloqueada} {sin esto|hasta que actúen}.", "{Necesito|Exijo} {una solución|respuesta} {hoy|ahora mismo|en una hora}."],
    ],
    "waiting": [
        ["¿{Hay|Tienen} {novedades|alguna noticia}?", "{Escribí|Mandé un mensaje} {esta mañana|hace unas horas}{ y nada|}."],
        ["{Espero|Sigo esperando} desde {ayer|hace <days> días}.", "{Han pasado|Ya van} <days> días{ desde mi mensaje|}."],
        ["<days> días {sin|y ni} {una respuesta|una palabra}{ suya|}.", "{Llevo|Llevamos} <days> días {esperando|sin respuesta}."],
        ["{Más de|Van ya} {una semana|<days> días} {y nada|de silencio}.", "¡<days> días! ¿{Alguien lee esto|Hay alguien ahí}?"],
    ],
    "threat": [["{Quiero|Exijo} hablar con {un responsable|su superior|un encargado}{ ya|}.", "{Voy a|Vamos a} {poner|presentar} {una reclamación formal|una queja en consumo}.", "{Mi abogado|Nuestro departamento legal} {se pondrá en contacto|está avisado}.", "{Voy a|Pienso} {darme de baja|irme a la competencia|publicarlo en redes}.", "{Escalen esto|Páseme con su jefe}{, por favor| de inmediato|}."]],
    "info": [["{Aquí va|Adjunto} {la foto|la captura|la información} {que pidieron|solicitada}.", "{El|Mi} número de {serie|pedido|cliente} es <number>.", "{Ya probé|Hice} {eso|lo que dijeron}, {sigue igual|sin cambios}.", "{Sí|Correcto}, {pasa|ocurre} {en todos los equipos|desde el día <number>}.", "{Reinicié|Reseteé} {dos veces|otra vez}{, error <number>|}."]],
    "still": [["{No está|Sigue sin estar} {resuelto|arreglado}.", "{Lo cerraron|Marcaron el caso como resuelto} {pero|aunque} {no funciona|el problema sigue}.", "{El mismo|Ese} {fallo|problema} {ha vuelto|está otra vez} {hoy|al día siguiente}.", "{Reabran|Tengo que reabrir} {esto|el caso}{, lo siento|}."]],
    "agent_greeting": [["{Hola|Estimado cliente|Buenos días},", "Gracias por {su mensaje|contactarnos|su paciencia}."]],
    "agent_sorry": [["{Sentimos|Lamento} {la espera|el retraso|la demora}.", "{Disculpe|Perdone} {la tardanza|que hayamos tardado}."]],
    "agent_progress": [["{Estamos|El equipo está} {revisándolo|trabajando en ello}{ y le avisaremos|}.", "{He pasado|Hemos enviado} {el caso|esto} a {los especialistas|los técnicos}.", "{La revisión|El análisis} {sigue en curso|tarda algo más}.", "{Su caso|Esto} {está en marcha|se está tramitando}."]],
    "agent_ask": [["¿{Podría|Puede} {enviarnos|mandar} {una captura|el número de serie|el número de pedido|una foto de la etiqueta}?", "¿{Ha probado|Probó} {a reiniciar|con otro navegador|los pasos de la guía}?", "¿{Desde cuándo|Cuándo} {exactamente |}{ocurre|empezó}?"]],
    "agent_hold": [["{Esperamos|Estoy a la espera de} {al proveedor|la respuesta de la red|al transportista}{, puede tardar unos días|}.", "{El recambio|La pieza} {está pedido|está en camino}."]],
    "agent_solution": [
        ["{Hemos|He} {corregido|emitido de nuevo} la factura{ y abonado <amount>|}.", "{El reembolso|El abono de <amount>} {está enviado|va en camino}{, referencia <number>|}.", "{El pago|Su tarjeta} {ya está registrado|ya funciona}."],
        ["{Hemos|He} {reiniciado|restablecido} la línea, {ya debería funcionar|pruebe de nuevo}.", "La versión <number> {lo arregla|lo corrige}{, instálela por favor|}.", "{La avería|El corte} {está reparada|ya se resolvió}."],
        ["{El paquete|Su pedido} <number> {sale a reparto|se entregó hoy}.", "{El recambio|El artículo correcto} {va en camino|fue enviado}{, seguimiento <number>|}."],
        ["{Su cuenta|El acceso} {está desbloqueada|funciona de nuevo}{, elija otra clave|}.", "{El cambio|Su nueva tarifa} {está hecho|vale desde el mes próximo}."],
    ],
    "agent_signoff": [["{Un saludo|Atentamente|Saludos}, {atención al cliente|su equipo}", "{Que tenga buen día|Hasta pronto}.", ""]],
    "note": [["{Revisado|Mirado} {el registro|la cuenta|el historial}, {nada raro|ver arriba|necesita segunda línea}.", "{Cliente|El cliente} {está|parece} {tranquilo|bien|molesto|muy enfadado}{, tratar con cuidado|}.", "{Esperando a|Preguntado a} {facturación|redes|almacén|la coordinadora}.", "{Incidencia conocida|Parecido a} <number>."]],
    "note_phone": [["{El cliente|Cliente} {llamó|ha llamado} {por|preguntando por} {el estado|novedades}."]],
    "note_handoff": [["{Lo paso|Traslado}, {fin de turno|no es mi área|hacen falta otros conocimientos}.", "{Por favor, síguelo|Te lo dejo}, {historial arriba|detalles en el caso}."]],
    "survey_good": [["{Buen|Gran} {servicio|trato}{!|.|}", "{Resuelto|Arreglado} {enseguida|rápido}{, gracias|}"]],
    "survey_bad": [["{Tardaron|Tardó} {demasiado|una eternidad}.", "{Nadie|Ninguno} {escuchó|ayudó}{!|.}", "{El problema|La avería} {sigue|volvió}.", "{Mal|Pésimo} {servicio|trato}{!|}"]],
}  # fmt: skip
