using DropoutLab.Backends;
using DropoutLab.Data.Text;
using DropoutLab.Models;
using DropoutLab.Runs;

namespace DropoutLab.Cli.Commands;

/// <summary>
/// What an encoder begins with: its sizes, what cuts sentences into its tokens, and weights unless the seed draws them.
/// </summary>
internal sealed record EncoderBeginning(EncoderShape Encoder, Vocabulary Vocabulary, Action<ParameterStore>? Weights)
{
    /// <param name="model">A size's name, a pretrained encoder's folder, or that of a run on sentences.</param>
    /// <param name="vocabulary">The file of a vocabulary; null for the encoder's own.</param>
    /// <exception cref="DropoutLabException">There is no such encoder, it is damaged, or it has no vocabulary.</exception>
    public static EncoderBeginning Of(string model, string? vocabulary)
    {
        Vocabulary? given = vocabulary is null ? null : Vocabulary.Read(vocabulary);
        if (Bert.Sizes.TryGetValue(model, out EncoderShape? shape))
        {
            Vocabulary tokens = given
                ?? throw new DropoutLabException($"{model} needs the file of a vocabulary: add --vocabulary vocab.txt");
            return new EncoderBeginning(shape with { VocabularySize = tokens.Count }, tokens, Weights: null);
        }

        if (!TrainingRun.Exists(model))
            throw new DropoutLabException(
                $"--model {model}: sentences need an encoder: {string.Join(", ", Bert.Sizes.Keys)}, or a pretrained one's "
                    + "folder");
        if (!File.Exists(Checkpoint.PathIn(model)))
        {
            BertFolder pretrained = new(model);
            return new EncoderBeginning(pretrained.Shape, given ?? pretrained.Vocabulary, pretrained.Load);
        }

        SentenceSettings trained = RunConfiguration.Read(model).Sentences
            ?? throw new DropoutLabException($"--model {model}: it is a run on images; an encoder of sentences is needed");
        string best = Path.Combine(model, Checkpoint.BestName);
        return new EncoderBeginning(
            trained.Encoder, given ?? Vocabulary.Read(Path.Combine(model, Vocabulary.FileName)),
            parameters => SentenceTraining.LoadEncoder(File.Exists(best) ? best : Checkpoint.PathIn(model), parameters));
    }
}
