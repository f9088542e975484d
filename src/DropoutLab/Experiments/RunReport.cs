using System.Text.Json;
using System.Text.Json.Serialization;

namespace DropoutLab.Experiments;

/// <summary>Where a run under way stands: a line of JSON that its process writes to the sweep's.</summary>
/// <param name="CompletedEpochs">Epochs that are on the disk.</param>
/// <param name="Step">Steps of the epoch under way that are done.</param>
/// <param name="StepCount">Steps of an epoch.</param>
/// <param name="Loss">The mean over those steps, in nats.</param>
/// <param name="Accuracy">Of the last complete epoch.</param>
/// <param name="ImagesPerSecond">In the epoch under way.</param>
/// <param name="SecondsLeft">Until the last epoch is done, at this pace.</param>
/// <param name="Collapse">The line that says that the training has collapsed, if it has.</param>
public sealed record RunReport(
    int CompletedEpochs, int Step, int StepCount, double? Loss = null, double? Accuracy = null, double? ImagesPerSecond = null,
    double? SecondsLeft = null, string? Collapse = null)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The line, without its end.</summary>
    public string Line() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="Line"/> writes; null for any other text.</summary>
    public static RunReport? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<RunReport>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
