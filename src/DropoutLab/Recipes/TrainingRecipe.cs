using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Training;

namespace DropoutLab.Recipes;

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

    /// <summary>How pixels become the input.</summary>
    public PixelScaling PixelScaling { get; init; } = PixelScaling.MeanImage;

    /// <summary>What is changed at random in the images that are trained on.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;

    /// <summary>Training steps in place of a number of epochs; null where <see cref="Options"/> says how many epochs.</summary>
    public int? Steps { get; init; }

    /// <summary>
    /// The recipe for a data set: as many whole epochs as it takes to do <see cref="Steps"/>, ⌈Steps / ⌈N / batch size⌉⌉ for N
    /// images to train on, and no flip where a mirror image shows another class.
    /// </summary>
    /// <param name="data">The data set, with N.</param>
    /// <param name="batchSize">The recipe's if null.</param>
    /// <exception cref="DropoutLabException">The batch size is none.</exception>
    public TrainingRecipe For(DatasetDescription data, int? batchSize = null)
    {
        int batch = batchSize ?? Options.BatchSize;
        (Options with { BatchSize = batch }).Validate();
        int stepsPerEpoch = WholeParts(data.TrainCount, batch);
        return this with
        {
            Options = Options with
            {
                BatchSize = batch,
                Epochs = Steps is { } steps ? WholeParts(steps, stepsPerEpoch) : Options.Epochs,
            },
            Augmentation = data.MirrorsKeepClass ? Augmentation : Augmentation with { Flip = false },
        };
    }

    /// <summary>A data set's images as this recipe has them.</summary>
    public TrainingData Batches(ImageDataset data) => data.Batches(PixelScaling, Augmentation);

    private static int WholeParts(int total, int part) => (total + part - 1) / part;
}
