// Token and contacts by node-easywechat; prints one JSON object.
const { Work } = require("node-easywechat");

async function main(address, corpId, secret, token, aesKey) {
  const app = new Work({ corp_id: corpId, secret, token, aes_key: aesKey, http: { baseURL: address + "/" } });
  const client = app.getClient();
  const get = async (path, params) => (await client.get(path, { params })).toObject();
  const access = await app.getAccessToken().getToken();
  const { follow_user: members } = await get("cgi-bin/externalcontact/get_follow_user_list");
  const contacts = {};
  for (const userid of members) {
    const { errcode, external_userid: ids } = await get("cgi-bin/externalcontact/list", { userid });
    contacts[userid] = errcode === 0 ? ids : [];
  }
  const someone = Object.values(contacts).flat()[0];
  const { external_contact: one, follow_user: follows } = await get("cgi-bin/externalcontact/get", { external_userid: someone });
  const page = (
    await client.post("cgi-bin/externalcontact/batch/get_by_user", { json: { userid_list: [follows[0].userid], limit: 100 } })
  ).toObject();
  console.log(JSON.stringify({ token: access.length > 20, members, contacts, one, follows, batch: page.external_contact_list }));
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
