// Sends one mail with nodemailer, as a program would: node send.mjs, with a JSON object on standard input.
// {"transport": {...}, "mails": [{...}]}; one line of JSON comes out for each mail, with the server's reply.
import { createTransport } from "nodemailer";

let text = "";
for await (const chunk of process.stdin) text += chunk;
const { transport, mails } = JSON.parse(text);
const mailer = createTransport(transport);
for (const mail of mails) {
  try {
    const { response, accepted } = await mailer.sendMail(mail);
    console.log(JSON.stringify({ response, accepted }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.message, response: error.response ?? "", code: error.responseCode ?? 0 }));
  }
}
mailer.close();
