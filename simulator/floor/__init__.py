"""The floor of the contact centre: shifts, the switchboard of calls and chats, and the desk of written contacts."""
