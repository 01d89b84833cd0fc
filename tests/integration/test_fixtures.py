"""The fixtures every other test stands on."""

import pika

from services.kernel import config, db
from tests.facts import eventually


def test_each_test_has_a_migrated_database_of_its_own(database: str) -> None:
    """A service reaches its own tables in the fresh database, as its own role."""
    with db.of("catalogue").transaction() as tx:
        assert tx.value("SELECT current_user") == "countersign_catalogue"
        assert str(tx.value("SELECT current_database()")) in database
        assert tx.value("SELECT count(*) FROM catalogue_own.outbox") == 0


def test_each_test_has_an_empty_vhost_of_its_own(broker: str) -> None:
    """A queue declared in one is not there in another, and the settings name it."""
    assert config.amqp_url() == broker
    with pika.BlockingConnection(pika.URLParameters(broker)) as connection:
        queue = connection.channel().queue_declare("nobody-else-sees-this")
        assert queue.method.message_count == 0


def test_eventually_returns_the_fact_it_waited_for() -> None:
    """An answer that is false at first is asked for again."""
    answers = iter([None, 0, "there"])
    assert eventually(lambda: next(answers)) == "there"
