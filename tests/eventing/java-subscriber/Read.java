import io.cloudevents.CloudEvent;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.CloudEventDeserializer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Prints so many events of a topic, a line of JSON each, as CloudEvents' SDK understands them. */
public class Read {
    public static void main(String[] arguments) {
        var of = System.getenv();
        var given = new Properties();
        given.put("bootstrap.servers", of.get("BROKERS"));
        given.put("group.id", arguments[0] + "-java");
        given.put("auto.offset.reset", "earliest");
        given.put("security.protocol", "SASL_PLAINTEXT");
        given.put("sasl.mechanism", of.get("MECHANISM"));
        given.put("sasl.jaas.config", of.get("LOGIN"));
        int left = Integer.parseInt(arguments[1]);
        try (var consumer =
                new KafkaConsumer<>(given, new StringDeserializer(), new CloudEventDeserializer())) {
            consumer.subscribe(List.of(arguments[0]));
            long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (left > 0 && System.nanoTime() < until) {
                for (var message : consumer.poll(Duration.ofMillis(500))) {
                    CloudEvent event = message.value();
                    System.out.println(new String(new JsonFormat().serialize(event), StandardCharsets.UTF_8));
                    left--;
                }
            }
        }
    }
}
