using System.Globalization;

namespace DropoutLab;

/// <summary>
/// An error that the user can mend: one line that says what was wrong, which value or file, and what would be right.
/// The command prints the message and exits with code 2.
/// </summary>
public sealed class DropoutLabException : Exception
{
    /// <summary>What is wrong with something else than a setting.</summary>
    /// <param name="message">The line.</param>
    public DropoutLabException(string message) : base(message)
    {
    }

    /// <summary>What is wrong, and what was caught.</summary>
    /// <param name="message">The line.</param>
    /// <param name="inner">What was caught.</param>
    public DropoutLabException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>What is wrong with a setting of a run.</summary>
    /// <param name="message">The line.</param>
    /// <param name="setting"><see cref="Setting"/>.</param>
    /// <param name="value"><see cref="Value"/>.</param>
    public DropoutLabException(string message, string? setting, object value) : base(message)
    {
        Setting = setting;
        Value = setting is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// The setting of a run that is at fault, by its <see cref="SettingName"/>, such as dropout_at; null where it is none.
    /// </summary>
    public string? Setting { get; }

    /// <summary>The value that it has, as in config.json; null where no setting is at fault.</summary>
    public string? Value { get; }

    /// <summary>The data set's file that is damaged or is not what its name says, where that is the error; else null.</summary>
    internal string? DamagedFile { get; init; }

    /// <summary>Reads a setting from its text, so that whatever is wrong with the text says which setting it is of.</summary>
    internal static T Reading<T>(string setting, string text, Func<string, T> read)
    {
        try
        {
            return read(text);
        }
        catch (DropoutLabException exception)
        {
            throw new DropoutLabException(exception.Message, setting, text);
        }
    }
}

/// <summary>The names of a run's settings in config.json and in messages.</summary>
public static class SettingName
{
    /// <summary>The network, by its recipe's name.</summary>
    public const string Model = "model";

    /// <summary>The data set, by its name in the catalogue.</summary>
    public const string Dataset = "dataset";

    /// <summary>The side of the pictures that a folder's become.</summary>
    public const string ImageSize = "image_size";

    /// <summary>The column of a table that is predicted.</summary>
    public const string Target = "target";

    /// <summary>The part of the training set that is evaluated after each epoch instead of the test set.</summary>
    public const string Validation = "validation";

    /// <summary>Which of the model's recipes.</summary>
    public const string Recipe = "recipe";

    /// <summary>The rule with its drop probabilities, as in forward:0.3.</summary>
    public const string Dropout = "dropout";

    /// <summary>The sites at which the rule drops, with ratios of their own.</summary>
    public const string DropoutAt = "dropout_at";

    /// <summary>Which elements share a draw.</summary>
    public const string MaskSharing = "mask_sharing";

    /// <summary>How often the training data are gone through.</summary>
    public const string Epochs = "epochs";

    /// <summary>Data in a minibatch.</summary>
    public const string BatchSize = "batch_size";

    /// <summary>η, the largest of the run.</summary>
    public const string LearningRate = "learning_rate";

    /// <summary>What is minimised.</summary>
    public const string Objective = "objective";

    /// <summary>s of cross-entropy.</summary>
    public const string LabelSmoothing = "label_smoothing";

    /// <summary>How weights follow their gradients.</summary>
    public const string Optimizer = "optimizer";

    /// <summary>μ of stochastic gradient descent.</summary>
    public const string Momentum = "momentum";

    /// <summary>λ.</summary>
    public const string WeightDecay = "weight_decay";

    /// <summary>What batch normalisation is over where several processes train.</summary>
    public const string BatchStatistics = "batch_statistics";

    /// <summary>The largest norm that all gradients together may have.</summary>
    public const string MaximumGradientNorm = "maximum_gradient_norm";

    /// <summary>What is drawn anew for an image each time it is trained on.</summary>
    public const string Augmentation = "augmentation";

    /// <summary>What initial weights, order, masks and augmentation derive from.</summary>
    public const string Seed = "seed";

    /// <summary>The file whose weights it begins with.</summary>
    public const string From = "from";

    /// <summary>What is computed in.</summary>
    public const string Precision = "precision";

    /// <summary>What is computed with.</summary>
    public const string Backend = "backend";

    /// <summary>How many threads share the computing.</summary>
    public const string Threads = "threads";
}
