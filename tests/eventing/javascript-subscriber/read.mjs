// Prints so many events of a topic, a line of JSON each, as CloudEvents' SDK understands them.
import { Kafka as CloudEvents } from 'cloudevents';
import { Kafka, logLevel } from 'kafkajs';

const [topic, count] = process.argv.slice(2);
const kafka = new Kafka({
  brokers: process.env.BROKERS.split(','),
  sasl: { mechanism: process.env.MECHANISM, username: process.env.NAME, password: process.env.PASSWORD },
  logLevel: logLevel.ERROR,
});
const consumer = kafka.consumer({ groupId: `${topic}-javascript` });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
let left = Number(count);
await new Promise((done, failed) => {
  consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || failed(payload.error));
  consumer.run({
    eachMessage: async ({ message }) => {
      const headers = Object.fromEntries(
        Object.entries(message.headers).map(([name, value]) => [name, value.toString()]),
      );
      const event = CloudEvents.toEvent({ ...message, headers, body: message.value, value: message.value.toString() });
      if (left-- > 0) console.log(JSON.stringify(event));
      if (left === 0) done();
    },
  });
});
await consumer.disconnect();
