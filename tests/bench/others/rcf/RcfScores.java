import com.amazon.randomcutforest.RandomCutForest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Scores series with AWS Random Cut Forest, each row before it is learnt, with the library's default settings.
 *
 * Usage: RcfScores SHINGLE SEED IN OUT [IN OUT ...]
 *
 * IN has a row of comma-separated numbers for each point in time, OUT gets a score for each. Standard output gets a line
 * for each series: its name, nanoseconds for each row (second half of the series, when the compiler has warmed up).
 */
public class RcfScores {
  public static void main(String[] arguments) throws IOException {
    int shingle = Integer.parseInt(arguments[0]);
    long seed = Long.parseLong(arguments[1]);
    for (int i = 2; i + 1 < arguments.length; i += 2) {
      double[][] rows = read(Path.of(arguments[i]));
      RandomCutForest forest = RandomCutForest.builder()
          .dimensions(shingle * rows[0].length).shingleSize(shingle).internalShinglingEnabled(shingle > 1)
          .randomSeed(seed).build();
      double[] scores = new double[rows.length];
      long started = System.nanoTime();
      for (int row = 0; row < rows.length; ++row) {
        if (row == rows.length / 2) started = System.nanoTime();
        scores[row] = forest.getAnomalyScore(rows[row]);
        forest.update(rows[row]);
      }
      long nanoseconds = System.nanoTime() - started;
      try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(arguments[i + 1])))) {
        for (double score : scores) out.println(score);
      }
      System.out.println(arguments[i] + "," + nanoseconds / (rows.length - rows.length / 2));
    }
  }

  private static double[][] read(Path path) throws IOException {
    List<double[]> rows = new ArrayList<>();
    for (String line : Files.readAllLines(path)) {
      String[] cells = line.split(",");
      double[] row = new double[cells.length];
      for (int i = 0; i < cells.length; ++i) row[i] = Double.parseDouble(cells[i]);
      rows.add(row);
    }
    return rows.toArray(new double[0][]);
  }
}
