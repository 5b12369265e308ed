package org.jawort.api;

import java.util.List;
import org.jawort.api.Posts.Answer;
import org.jawort.conversation.Declarations.Result;
import org.jawort.conversation.LostAddresses;
import org.jawort.message.Channel;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application tells that an address is no longer the person's. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/addresses/lost")
final class LostAddressController {

    private final Posts posts;
    private final LostAddresses addresses;

    LostAddressController(Posts posts, LostAddresses addresses) {
        this.posts = posts;
        this.addresses = addresses;
    }

    @PostMapping
    ResponseEntity<byte[]> lost(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return posts.once(
                call,
                "LostAddress",
                body -> {
                    Result result =
                            addresses
                                    .lost(
                                            call.tenant(),
                                            Channel.of(RequestFields.text(body, "channel")),
                                            RequestFields.text(body, "address"),
                                            RequestFields.time(body, "at"),
                                            body.get("evidence").toString())
                                    .orElseGet(() -> new Result.Done(List.of()));
                    return ConsentController.answer(
                            result,
                            standings ->
                                    new Answer(
                                            200,
                                            new ConsentView.OfSubject(
                                                    standings.isEmpty()
                                                            ? null
                                                            : standings
                                                                    .getFirst()
                                                                    .record()
                                                                    .subject(),
                                                    ConsentView.of(standings))));
                });
    }
}
