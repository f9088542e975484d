using DropoutLab.Data;

namespace DropoutLab.Training;

/// <summary>How a model is trained unless the user says otherwise.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Options">
/// For any data set. Where <see cref="Steps"/> says how long to train, the number of epochs here means nothing.
/// </param>
public sealed record TrainingRecipe(string Name, TrainingOptions Options)
{
    /// <summary>What a model's own authors did, as near as it is known, since the poster does not say what it did.</summary>
    public const string Poster = "poster";

    /// <summary>A shorter training that comes close.</summary>
    public const string Quick = "quick";

    /// <summary>The names that a recipe can have; a model may lack one.</summary>
    public static IReadOnlyList<string> Names { get; } = [Poster, Quick];

    /// <summary>Training steps in place of a number of epochs; null where <see cref="Options"/> says how many epochs.</summary>
    public int? Steps { get; init; }

    /// <summary>
    /// The options for a data set: as many whole epochs as it takes to do <see cref="Steps"/>, ⌈Steps / ⌈N / batch size⌉⌉ for N
    /// images to train on, and no flip where a mirror image shows another class.
    /// </summary>
    /// <param name="data">The data set, of which N is the published number.</param>
    /// <param name="batchSize">The recipe's if null.</param>
    /// <exception cref="DropoutLabException">The batch size is none.</exception>
    public TrainingOptions For(DatasetSource data, int? batchSize = null)
    {
        int batch = batchSize ?? Options.BatchSize;
        (Options with { BatchSize = batch }).Validate();
        int stepsPerEpoch = WholeParts(data.TrainCount, batch);
        return Options with
        {
            BatchSize = batch,
            Epochs = Steps is { } steps ? WholeParts(steps, stepsPerEpoch) : Options.Epochs,
            Augmentation = data.MirrorsKeepClass ? Options.Augmentation : Options.Augmentation with { Flip = false },
        };
    }

    private static int WholeParts(int total, int part) => (total + part - 1) / part;
}
