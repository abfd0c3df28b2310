// emoji.js knows the shortcodes people and bots use most. An unknown one is shown as it was written.

export const emoji = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", clap: "👏", pray: "🙏", wave: "👋", eyes: "👀", muscle: "💪",
  ok_hand: "👌", raised_hands: "🙌", point_right: "👉", point_left: "👈", point_up: "☝️", point_down: "👇", handshake: "🤝",
  smile: "😄", slightly_smiling_face: "🙂", grin: "😁", joy: "😂", sweat_smile: "😅", thinking_face: "🤔", cry: "😢", scream: "😱",
  sunglasses: "😎", sob: "😭", confused: "😕", neutral_face: "😐", face_with_monocle: "🧐", exploding_head: "🤯", saluting_face: "🫡",
  heart: "❤️", tada: "🎉", sparkles: "✨", star: "⭐", fire: "🔥", boom: "💥", zap: "⚡", bulb: "💡", rocket: "🚀",
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", negative_squared_cross_mark: "❎",
  warning: "⚠️", no_entry: "⛔", no_entry_sign: "🚫", rotating_light: "🚨", sos: "🆘", question: "❓", exclamation: "❗",
  information_source: "ℹ️", bangbang: "‼️", red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡",
  large_green_circle: "🟢", large_blue_circle: "🔵", large_purple_circle: "🟣", white_circle: "⚪", black_circle: "⚫",
  red_square: "🟥", large_red_square: "🟥", large_orange_square: "🟧", large_yellow_square: "🟨", large_green_square: "🟩", large_blue_square: "🟦",
  white_large_square: "⬜", black_large_square: "⬛", small_red_triangle: "🔺", small_blue_diamond: "🔹", small_orange_diamond: "🔸",
  pager: "📟", telephone_receiver: "📞", phone: "☎️", iphone: "📱", email: "📧", envelope: "✉️", bell: "🔔", no_bell: "🔕",
  loudspeaker: "📢", mega: "📣", speech_balloon: "💬", memo: "📝", pencil: "📝", pencil2: "✏️", clipboard: "📋", page_facing_up: "📄",
  book: "📖", books: "📚", notebook: "📓", pushpin: "📌", round_pushpin: "📍", link: "🔗", paperclip: "📎", mag: "🔍",
  lock: "🔒", unlock: "🔓", key: "🔑", shield: "🛡️", hammer: "🔨", wrench: "🔧", hammer_and_wrench: "🛠️", gear: "⚙️",
  construction: "🚧", fire_engine: "🚒", ambulance: "🚑", police_car: "🚓", helmet_with_white_cross: "⛑️", fire_extinguisher: "🧯",
  stopwatch: "⏱️", timer_clock: "⏲️", hourglass: "⌛", hourglass_flowing_sand: "⏳", alarm_clock: "⏰", calendar: "📅", date: "📅", spiral_calendar_pad: "🗓️",
  chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", bar_chart: "📊", computer: "💻", desktop_computer: "🖥️",
  file_cabinet: "🗄️", package: "📦", cloud: "☁️", globe_with_meridians: "🌐", electric_plug: "🔌", satellite: "📡", robot_face: "🤖",
  bug: "🐛", ghost: "👻", skull: "💀", coffee: "☕", beer: "🍺", pizza: "🍕", cake: "🍰", seedling: "🌱",
  arrow_up: "⬆️", arrow_down: "⬇️", arrow_right: "➡️", arrow_left: "⬅️", arrow_upper_right: "↗️", arrows_counterclockwise: "🔄", repeat: "🔁",
  fast_forward: "⏩", rewind: "⏪", arrow_forward: "▶️", double_vertical_bar: "⏸️", black_square_for_stop: "⏹️", checkered_flag: "🏁",
  triangular_flag_on_post: "🚩", white_flag: "🏳️", new: "🆕", ok: "🆗", up: "🆙", cool: "🆒", free: "🆓", one: "1️⃣", two: "2️⃣", three: "3️⃣",
  four: "4️⃣", five: "5️⃣", six: "6️⃣", seven: "7️⃣", eight: "8️⃣", nine: "9️⃣", keycap_ten: "🔟", hash: "#️⃣", bust_in_silhouette: "👤",
  busts_in_silhouette: "👥", technologist: "🧑‍💻", firefighter: "🧑‍🚒", detective: "🕵️", crown: "👑", medal: "🏅", trophy: "🏆", dart: "🎯", scroll: "📜", ledger: "📒", inbox_tray: "📥", outbox_tray: "📤", twisted_rightwards_arrows: "🔀", traffic_light: "🚦", vertical_traffic_light: "🚦", thermometer: "🌡️", mute: "🔇", sound: "🔉", microphone: "🎤", camera: "📷", bomb: "💣", chains: "⛓️", scales: "⚖️", bank: "🏦", office: "🏢", house: "🏠", map: "🗺️", compass: "🧭", ship: "🚢", airplane: "✈️", snowflake: "❄️", sunny: "☀️", crescent_moon: "🌙", zzz: "💤", sleeping: "😴",
};

// reactions are offered in the picker.
export const reactions = ["+1", "eyes", "white_check_mark", "pray", "tada", "x", "question", "pushpin"];

export const show = (name) => emoji[name.replace(/::skin-tone-\d$/, "")] || ":" + name + ":";
