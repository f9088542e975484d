using System.Text.Json;
using System.Text.Json.Serialization;
using DropoutLab.Objectives;

namespace DropoutLab.Training;

/// <summary>What an epoch came to: a line of metrics.jsonl.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainLoss">The mean of J over the epoch's training steps, dropout on.</param>
/// <param name="Test">
/// The objective's metrics over what is evaluated, dropout off, by name: loss among them, in a classification accuracy.
/// </param>
/// <param name="Unit">What a datum is called, in the plural.</param>
/// <param name="DataPerSecond">Of training, evaluation not counted.</param>
/// <param name="LearningRate">At the epoch's first step.</param>
/// <param name="Seconds">Of the whole epoch, evaluation counted.</param>
/// <param name="RunId">Whose epoch it is, of a run in a folder; null where there is none.</param>
[JsonConverter(typeof(EpochMetricsConverter))]
public sealed record EpochMetrics(
    int Epoch, double TrainLoss, IReadOnlyDictionary<string, double> Test, string Unit, double DataPerSecond, double LearningRate,
    double Seconds, string? RunId = null)
{
    /// <summary>
    /// In <see cref="Further"/>, of a training by several processes: what sums over them took of the epoch, in seconds, waiting
    /// for each other included.
    /// </summary>
    public const string CommunicationSeconds = "communication_seconds";

    /// <summary>What a trainer was given to tell besides, by name: see <see cref="Trainer.FurtherMetrics"/>.</summary>
    public IReadOnlyDictionary<string, double> Further { get; init; } = new Dictionary<string, double>();

    /// <summary>The objective's loss over what is evaluated.</summary>
    public double TestLoss => Test[Objective.Loss];

    /// <summary>The part of what is evaluated that is classified right; no number where nothing is classified.</summary>
    public double TestAccuracy => Test.GetValueOrDefault(CrossEntropy.Accuracy, double.NaN);

    /// <summary>By value, the metrics too.</summary>
    public bool Equals(EpochMetrics? other) => other is not null && Numbers == other.Numbers && Test.SequenceEqual(other.Test)
        && Further.SequenceEqual(other.Further);

    /// <inheritdoc/>
    public override int GetHashCode() => Numbers.GetHashCode();

    private (int, double, string, double, double, double, string?) Numbers =>
        (Epoch, TrainLoss, Unit, DataPerSecond, LearningRate, Seconds, RunId);
}

/// <summary>
/// An object with a property for each number: epoch, train_loss, test_NAME…, further ones by their names, UNIT_per_second,
/// learning_rate, seconds, run_id.
/// </summary>
internal sealed class EpochMetricsConverter : JsonConverter<EpochMetrics>
{
    private const string Epoch = "epoch", TrainLoss = "train_loss", LearningRate = "learning_rate", Seconds = "seconds",
        RunId = "run_id";
    private const string TestPrefix = "test_", RateSuffix = "_per_second";

    /// <exception cref="JsonException">It is no such object.</exception>
    public override EpochMetrics Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Dictionary<string, JsonElement> all =
            JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(ref reader, options) ?? [];
        Dictionary<string, double> test = all.Where(number => number.Key.StartsWith(TestPrefix, StringComparison.Ordinal))
            .ToDictionary(number => number.Key[TestPrefix.Length..], number => Number(number.Key));
        string rate = all.Keys.FirstOrDefault(name => name.EndsWith(RateSuffix, StringComparison.Ordinal))
            ?? throw new JsonException();
        return new EpochMetrics(
            (int)Number(Epoch), Number(TrainLoss), test, rate[..^RateSuffix.Length], Number(rate), Number(LearningRate),
            Number(Seconds), all.TryGetValue(RunId, out JsonElement id) ? id.ToString() : null)
        {
            Further = all.Keys.Where(name => !name.StartsWith(TestPrefix, StringComparison.Ordinal) && name != rate)
                .Except([Epoch, TrainLoss, LearningRate, Seconds, RunId]).ToDictionary(name => name, Number),
        };

        double Number(string name) => all.TryGetValue(name, out JsonElement number) && number.ValueKind == JsonValueKind.Number
            ? number.GetDouble()
            : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, EpochMetrics value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber(Epoch, value.Epoch);
        writer.WriteNumber(TrainLoss, value.TrainLoss);
        foreach ((string name, double number) in value.Test)
            writer.WriteNumber(TestPrefix + name, number);
        foreach ((string name, double number) in value.Further)
            writer.WriteNumber(name, number);
        writer.WriteNumber(value.Unit + RateSuffix, value.DataPerSecond);
        writer.WriteNumber(LearningRate, value.LearningRate);
        writer.WriteNumber(Seconds, value.Seconds);
        if (value.RunId is not null)
            writer.WriteString(RunId, value.RunId);
        writer.WriteEndObject();
    }
}

/// <summary>Where an epoch stands.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Steps of the epoch that are done.</param>
/// <param name="StepCount">Steps of an epoch.</param>
/// <param name="MeanLoss">The mean over the steps that are done.</param>
public readonly record struct StepProgress(int Epoch, int Step, int StepCount, double MeanLoss);
